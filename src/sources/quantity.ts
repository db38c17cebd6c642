/** A value as people and devices write it: how much, and of what. */
export interface Quantity {
  /** NaN where the text says that there is none. */
  readonly value: number;
  /** What stands behind the number; empty where nothing does. */
  readonly unit: string;
}

const missingWords = /^(|-|--|\?|na|n\/a|nan|[+-]?inf(inity)?|null|none|nil|unknown|unavailable)$/i;
/** What switches and contacts say. */
const states: Readonly<Record<string, number>> = {
  on: 1,
  off: 0,
  true: 1,
  false: 0,
  open: 1,
  closed: 0,
  yes: 1,
  no: 0,
  online: 1,
  offline: 0,
};
const withUnit = /^([+-]?(?:\d[\d.,]*|\.\d+)(?:e[+-]?\d+)?)\s*([a-zµμω%°²³][^\s;,=:]{0,15})$/i;
const decimalComma = /^[+-]?\d*,\d+(?:e[+-]?\d+)?$/i;
/** Thousands apart, as 1,234.5 or 1,234,567, and as 1.234,5 or 1.234.567: only where nothing else can be meant. */
const groupedByComma = /^[+-]?\d{1,3}(?:,\d{3})+\.\d+$|^[+-]?\d{1,3}(?:,\d{3}){2,}$/;
const groupedByPoint = /^[+-]?\d{1,3}(?:\.\d{3})+,\d+$|^[+-]?\d{1,3}(?:\.\d{3}){2,}$/;

/** A value as a text says it, decimal comma and unit included; null for text that says none. */
export function quantityOf(text: string): Quantity | null {
  const bare = text.trim();
  if (missingWords.test(bare)) return { value: Number.NaN, unit: '' };
  const number = numberIn(bare);
  if (number !== null) return { value: number, unit: '' };
  const match = withUnit.exec(bare);
  const value = match === null ? null : numberIn(match[1] as string);
  return value === null ? null : { value, unit: match?.[2] as string };
}

/** A value as a message says it: a number, a text with a number in it, or whether something is on. */
export function quantityIn(content: unknown): Quantity | null {
  switch (typeof content) {
    case 'number':
      return { value: Number.isFinite(content) ? content : Number.NaN, unit: '' };
    case 'boolean':
      return { value: content ? 1 : 0, unit: '' };
    case 'string': {
      const state = states[content.trim().toLowerCase()];
      return state === undefined ? quantityOf(content) : { value: state, unit: '' };
    }
    default:
      return content === null ? { value: Number.NaN, unit: '' } : null;
  }
}

function numberIn(text: string): number | null {
  const number = Number(text);
  if (Number.isFinite(number)) return number;
  if (decimalComma.test(text)) return Number(text.replace(',', '.'));
  if (groupedByComma.test(text)) return Number(text.replaceAll(',', ''));
  if (groupedByPoint.test(text)) return Number(text.replaceAll('.', '').replace(',', '.'));
  return null;
}

import type { PhoneInventory, Phones } from './phones.js';

/** A word, of a dictionary or of the owner's, and one way it is said. */
export interface Spoken {
  readonly text: string;
  readonly phones: Phones;
}

/** What sounds like a word, or holds what does. */
export interface NearWord {
  readonly text: string;
  /** Of the word's sounds, the share that is another: 0 the same, 1 nothing alike. */
  readonly distance: number;
}

/** Cost of a sound that is taken for another, of any other, and of one too many or too few. */
const ALIKE_COST = 0.35;
export const OTHER_COST = 1;
export const LOOSE_COST = 0.7;
/** What is farther hardly wakes it. */
const FAR = 0.2;

/**
 * What sounds most like a way in which a word is said, the nearest first: as `alexander` holds `alexa`.
 * @param said the word itself, which is none of them.
 */
export function nearWords(
  target: Phones,
  spoken: Iterable<Spoken>,
  {
    inventory,
    said,
    most,
  }: { readonly inventory: PhoneInventory; readonly said: string; readonly most: number },
): readonly NearWord[] {
  const found = new Map<string, number>();
  const costs = costTable(target, inventory);
  for (const { text, phones } of spoken) {
    if (phones.length < target.length / 2 || text === said) continue;
    const distance = apartBy(target, phones, costs) / target.length;
    if (distance <= FAR) found.set(text, Math.min(distance, found.get(text) ?? distance));
  }
  return [...found]
    .map(([text, distance]) => ({ text, distance }))
    .sort((a, b) => a.distance - b.distance || a.text.length - b.text.length)
    .slice(0, most);
}

/** What it costs to take the nearest stretch of the phones for the target (edit distance: Sellers, 1980). */
function apartBy(target: Phones, phones: Phones, costs: ReadonlyMap<number, Float64Array>): number {
  let row = Float64Array.from({ length: target.length + 1 }, (_, i) => i * LOOSE_COST);
  let next = new Float64Array(target.length + 1);
  let least = row[target.length] as number;
  for (const phone of phones) {
    const cost = costs.get(phone);
    next[0] = 0;
    for (let i = 1; i <= target.length; i++) {
      const other = (row[i - 1] as number) + (cost?.[i - 1] ?? OTHER_COST);
      next[i] = Math.min(other, (row[i] as number) + LOOSE_COST, (next[i - 1] as number) + LOOSE_COST);
    }
    [row, next] = [next, row];
    least = Math.min(least, row[target.length] as number);
  }
  return least;
}

/**
 * By phone, and in it by sound of the target: what taking one for the other costs. A phone that is like none of the
 * target's sounds is left out: it costs {@link OTHER_COST} for each.
 */
export function costTable(target: Phones, inventory: PhoneInventory): ReadonlyMap<number, Float64Array> {
  const costs = new Map<number, Float64Array>();
  const set = (phone: number, at: number, cost: number): void => {
    const row = costs.get(phone) ?? new Float64Array(target.length).fill(OTHER_COST);
    row[at] = cost;
    costs.set(phone, row);
  };
  for (const [at, wanted] of target.entries()) {
    for (const phone of inventory.alike(wanted)) set(phone, at, ALIKE_COST);
    set(wanted, at, 0);
  }
  return costs;
}

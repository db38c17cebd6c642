import type { NearWord } from '../../core/word-outlook.js';
import type { PhoneInventory, Phones } from './phones.js';

/** A word, of a dictionary or of the owner's, and one way it is said. */
export interface Spoken {
  readonly text: string;
  readonly phones: Phones;
}

/** Cost of a sound that is taken for another, for one of its kin, and for any other; and of one too many. */
const ALIKE_COST = 0.35;
const KIN_COST = 0.6;
export const OTHER_COST = 1;
export const LOOSE_COST = 0.7;
/** Cost of a sound that is left out: any, and one that people leave out themselves. */
const LACK_COST = 0.7;
const WEAK_COST = 0.35;

/**
 * Sounds that differ by place alone, which is what noise takes away first (Miller and Nicely, 1955); vowels that some
 * accents have as one (Wells, Accents of English, 1982).
 */
const KIN: readonly string[] = ['p t k', 'b d g', 'f θ s ʃ', 'v ð z ʒ', 'ʌ ʊ u ũ', 'ɑ ɑ̃ ʌ', 'æ ɑ a'];
/** Sounds that fast speech leaves out wherever they stand, and those that it leaves out among consonants (Wells). */
const WEAK = /^[hə]$/u;
const STOP = /^[ptkbdg]$/u;
const VOWEL = /^[aeiouɑɐɒæəɚɛɜɝɪɔʊʌʉũ]/u;

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
  const costs = costsOf(target, inventory);
  const rows: Rows = [Float64Array.from(costs.allBut), Float64Array.from(costs.allBut)];
  for (const { text, phones } of spoken) {
    if (phones.length < target.length / 2 || text === said) continue;
    const distance = apartBy(target, phones, costs, rows) / target.length;
    if (distance <= FAR) found.set(text, Math.min(distance, found.get(text) ?? distance));
  }
  return [...found]
    .map(([text, distance]) => ({ text, distance }))
    .sort((a, b) => a.distance - b.distance || a.text.length - b.text.length)
    .slice(0, most);
}

/** How many words of those that are spoken hold what sounds much like the target. */
export function countNear(
  target: Phones,
  spoken: Iterable<Spoken>,
  asked: { readonly inventory: PhoneInventory; readonly said: string },
): number {
  return nearWords(target, spoken, { ...asked, most: Number.POSITIVE_INFINITY }).length;
}

/** To work in. */
type Rows = readonly [Float64Array, Float64Array];

/** What it costs to take the nearest stretch of the phones for the target (edit distance: Sellers, 1980). */
function apartBy(target: Phones, phones: Phones, { said, lacked, allBut }: TargetCosts, rows: Rows): number {
  let [row, next] = rows;
  row.set(allBut);
  let least = row[target.length] as number;
  for (const phone of phones) {
    const cost = said.get(phone);
    next[0] = 0;
    for (let i = 1; i <= target.length; i++) {
      const other = (row[i - 1] as number) + (cost?.[i - 1] ?? OTHER_COST);
      const lacking = (next[i - 1] as number) + (lacked[i - 1] as number);
      next[i] = Math.min(other, (row[i] as number) + LOOSE_COST, lacking);
    }
    [row, next] = [next, row];
    least = Math.min(least, row[target.length] as number);
  }
  return least;
}

/** What it costs to say something else than a word. */
export interface TargetCosts {
  /**
   * By phone, and in it by sound of the word: what taking one for the other costs. A phone that is like none of its
   * sounds is left out: it costs {@link OTHER_COST} for each.
   */
  readonly said: ReadonlyMap<number, Float64Array>;
  /** By sound of the word: what it costs that it is not said. */
  readonly lacked: Float64Array;
  /** The same for all sounds before one. */
  readonly allBut: Float64Array;
}

/** What it costs to say something else than a word that is said so. */
export function costsOf(target: Phones, inventory: PhoneInventory): TargetCosts {
  const said = new Map<number, Float64Array>();
  const set = (phone: number, at: number, cost: number): void => {
    const row = said.get(phone) ?? new Float64Array(target.length).fill(OTHER_COST);
    row[at] = Math.min(row[at] as number, cost);
    said.set(phone, row);
  };
  const labels = target.map((phone) => inventory.labels[phone] ?? '');
  for (const [at, wanted] of target.entries()) {
    for (const kin of kinOf(labels[at] as string)) {
      const phone = inventory.labels.indexOf(kin);
      if (phone >= 0) set(phone, at, KIN_COST);
    }
    for (const phone of inventory.alike(wanted)) set(phone, at, ALIKE_COST);
    set(wanted, at, 0);
  }
  const lacked = Float64Array.from(labels, (_, at) => (isWeak(labels, at) ? WEAK_COST : LACK_COST));
  const allBut = new Float64Array(target.length + 1);
  for (const [at, cost] of lacked.entries()) allBut[at + 1] = (allBut[at] as number) + cost;
  return { said, lacked, allBut };
}

function kinOf(label: string): readonly string[] {
  return KIN.map((group) => group.split(' '))
    .filter((group) => group.includes(label))
    .flat();
}

function isWeak(labels: readonly string[], at: number): boolean {
  const isConsonant = (label: string | undefined) => label !== undefined && !VOWEL.test(label);
  const [label = '', before, after] = [labels[at], labels[at - 1], labels[at + 1]];
  return WEAK.test(label) || (STOP.test(label) && isConsonant(before) && isConsonant(after));
}

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
const OTHER_COST = 1;
const LOOSE_COST = 0.7;
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
  for (const { text, phones } of spoken) {
    if (phones.length < target.length / 2 || text === said) continue;
    const distance = apartBy(target, phones, inventory) / target.length;
    if (distance <= FAR) found.set(text, Math.min(distance, found.get(text) ?? distance));
  }
  return [...found]
    .map(([text, distance]) => ({ text, distance }))
    .sort((a, b) => a.distance - b.distance || a.text.length - b.text.length)
    .slice(0, most);
}

/** What it costs to take the nearest stretch of the phones for the target (edit distance: Sellers, 1980). */
function apartBy(target: Phones, phones: Phones, inventory: PhoneInventory): number {
  let row = Array.from({ length: target.length + 1 }, (_, i) => i * LOOSE_COST);
  let least = row[target.length] ?? 0;
  for (const phone of phones) {
    const next = [0];
    for (const [i, wanted] of target.entries())
      next.push(
        Math.min(
          (row[i] ?? 0) + costOf(phone, wanted, inventory),
          (row[i + 1] ?? 0) + LOOSE_COST,
          (next[i] ?? 0) + LOOSE_COST,
        ),
      );
    row = next;
    least = Math.min(least, row[target.length] ?? least);
  }
  return least;
}

function costOf(one: number, other: number, inventory: PhoneInventory): number {
  if (one === other) return 0;
  return inventory.alike(one).includes(other) ? ALIKE_COST : OTHER_COST;
}

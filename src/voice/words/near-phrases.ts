import { costTable, LOOSE_COST, type NearWord, OTHER_COST, type Spoken } from './near.js';
import type { PhoneInventory, Phones } from './phones.js';

/** What is farther hardly wakes it. */
const FAR = 0.22;
/** A phrase of more words is likelier to be read than said. */
const MOST_WORDS = 3;
const WORD_COST = 0.1;
/** How many times that a rare word costs on top. */
const RARE = 3;
/** A sound of a word that is none of the target's: before it, or behind it. */
const BESIDE_COST = 0.03;
/** Beginnings of phrases that are followed from each sound on. */
const BEAM = 40;
const NEVER = Number.POSITIVE_INFINITY;

/** A word, one way it is said, and how rare it is: 0 for the commonest, 1 for the rarest. */
export interface EverydayWord extends Spoken {
  readonly rarity: number;
}

/** A phrase that says the first sounds of the word. */
interface Begun {
  readonly words: readonly string[];
  readonly cost: number;
}

/** What is asked of {@link nearPhrases}. */
export interface NearPhrasesAsked {
  readonly inventory: PhoneInventory;
  /** The word itself, which is none of them. */
  readonly said: string;
  readonly most: number;
}

/**
 * Phrases of several everyday words that sound most like a way in which a word is said, the nearest first: as
 * `a pump in` holds `hey pum`. The first word may begin before the pronunciation does, and the last go on behind it.
 * A search of beginnings, the cheapest at each sound kept (beam search), over edit distances.
 */
export function nearPhrases(
  target: Phones,
  everyday: readonly EverydayWord[],
  { inventory, said, most }: NearPhrasesAsked,
): readonly NearWord[] {
  const costs = costTable(target, inventory);
  const limit = FAR * target.length;
  const begun: Begun[][] = target.map(() => []);
  begun[0] = [{ words: [], cost: 0 }];
  const whole: Begun[] = [];
  for (const [at, found] of begun.entries()) {
    const beam = found.sort((a, b) => a.cost - b.cost).slice(0, BEAM);
    const [cheapest] = beam;
    if (cheapest === undefined) continue;
    for (const { text, phones, rarity } of everyday) {
      const own = WORD_COST * (1 + RARE * rarity);
      const { ends, through } = spelling(phones, at, target.length, { costs, most: limit - cheapest.cost });
      for (const { words, cost } of beam) {
        if (words.length === MOST_WORDS) continue;
        const longer = (more: number): Begun => ({ words: [...words, text], cost: cost + own + more });
        if (words.length > 0 && cost + own + through <= limit) whole.push(longer(through));
        for (const [end, paid] of ends) if (cost + own + paid < limit) begun[end]?.push(longer(paid));
      }
    }
  }
  return nearest(whole, target.length, said, most);
}

/** What a word of a phrase says of the target from one of its sounds on. */
interface Spelling {
  /** Up to which sound the whole word says it, short of its end, and at which cost. */
  readonly ends: readonly (readonly [end: number, cost: number])[];
  /** Cost at which the word, or its beginning, says all that is left. */
  readonly through: number;
}

interface SpellingLimits {
  /** By phone, and in it by sound of the target: what it costs to say one for the other. */
  readonly costs: ReadonlyMap<number, Float64Array>;
  readonly most: number;
}

function spelling(word: Phones, at: number, length: number, { costs, most }: SpellingLimits): Spelling {
  const sounds = length - at;
  let row = Float64Array.from({ length: sounds + 1 }, (_, i) => i * LOOSE_COST);
  let next = new Float64Array(sounds + 1);
  let through = NEVER;
  for (const [said, phone] of word.entries()) {
    const cost = costs.get(phone);
    // At the target's beginning the word may have begun before it.
    next[0] = (row[0] as number) + (at === 0 ? BESIDE_COST : LOOSE_COST);
    let least = next[0];
    for (let i = 1; i <= sounds; i++) {
      const other = (row[i - 1] as number) + (cost?.[at + i - 1] ?? OTHER_COST);
      const loose = Math.min(row[i] as number, next[i - 1] as number) + LOOSE_COST;
      next[i] = Math.min(other, loose);
      least = Math.min(least, next[i] as number);
    }
    [row, next] = [next, row];
    through = Math.min(through, (row[sounds] as number) + BESIDE_COST * (word.length - 1 - said));
    if (least > most) return { ends: [], through };
  }
  const ends: [number, number][] = [];
  for (let i = 1; i < sounds; i++) if ((row[i] as number) <= most) ends.push([at + i, row[i] as number]);
  return { ends, through };
}

function nearest(whole: Begun[], sounds: number, said: string, most: number): readonly NearWord[] {
  const found: NearWord[] = [];
  for (const { words, cost } of whole.sort((a, b) => a.cost - b.cost)) {
    const text = words.join(' ');
    if (` ${text} `.includes(` ${said} `) || found.some((other) => differsByOne(other.text, words))) continue;
    found.push({ text, distance: cost / sounds });
    if (found.length === most) break;
  }
  return found;
}

/** Whether a phrase that is told already has the same words, but for one. */
function differsByOne(told: string, words: readonly string[]): boolean {
  const others = told.split(' ');
  return others.length === words.length && others.filter((word, at) => word !== words[at]).length <= 1;
}

import type { NearWord } from '../../core/word-outlook.js';
import { costsOf, LOOSE_COST, OTHER_COST, type Spoken, type TargetCosts } from './near.js';
import type { PhoneInventory, Phones } from './phones.js';

/** What is farther hardly wakes it. */
const FAR = 0.22;
/** A phrase of more words is likelier to be read than said. */
const MOST_WORDS = 3;
const WORD_COST = 0.1;
/** Letters of a word that says much of a phrase, and of the ending that makes another form of it. */
const [LONG_WORD, ENDING] = [3, 2];
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
  const costs = costsOf(target, inventory);
  const limit = FAR * target.length;
  const rows = [new Float64Array(target.length + 1), new Float64Array(target.length + 1)] as const;
  const begun = target.map(() => new Cheapest());
  begun[0]?.add({ words: [], cost: 0 });
  const whole: Begun[] = [];
  for (const [at, { beam }] of begun.entries()) {
    const [cheapest] = beam;
    if (cheapest === undefined) continue;
    const limits = { costs, most: limit - cheapest.cost - WORD_COST, rows };
    /** By beginning: the phrases that it makes with one more word. */
    const made = beam.map(() => new Cheapest());
    for (const { text, phones, rarity } of everyday) {
      const own = WORD_COST * (1 + RARE * rarity);
      const { ends, through } = spelling(phones, at, target.length, limits);
      for (const [nth, { words, cost }] of beam.entries()) {
        if (cost + own > limit) break;
        if (words.length === MOST_WORDS) continue;
        const all = cost + own + through;
        if (words.length > 0 && all <= limit && made[nth]?.takes(all) === true && !holds(words, text, said))
          made[nth].add({ words: [...words, text], cost: all });
        for (const [end, paid] of ends)
          if (cost + own + paid < limit && begun[end]?.takes(cost + own + paid) === true)
            begun[end].add({ words: [...words, text], cost: cost + own + paid });
      }
    }
    whole.push(...made.flatMap((each) => each.beam));
  }
  return nearest(whole, target.length, most);
}

function holds(words: readonly string[], last: string, said: string): boolean {
  return ` ${words.join(' ')} ${last} `.includes(` ${said} `);
}

/** The cheapest beginnings of those that were added, in the order of their costs. */
class Cheapest {
  readonly beam: Begun[] = [];

  takes(cost: number): boolean {
    return this.beam.length < BEAM || cost < (this.beam.at(-1)?.cost ?? NEVER);
  }

  add(begun: Begun): void {
    const after = this.beam.findIndex(({ cost }) => cost > begun.cost);
    this.beam.splice(after < 0 ? this.beam.length : after, 0, begun);
    this.beam.length = Math.min(BEAM, this.beam.length);
  }
}

/** What a word of a phrase says of the target from one of its sounds on. */
interface Spelling {
  /** Up to which sound the whole word says it, short of its end, and at which cost. */
  readonly ends: readonly (readonly [end: number, cost: number])[];
  /** Cost at which the word, or its beginning, says all that is left. */
  readonly through: number;
}

interface SpellingLimits {
  readonly costs: TargetCosts;
  readonly most: number;
  /** To work in. */
  readonly rows: readonly [Float64Array, Float64Array];
}

function spelling(word: Phones, at: number, length: number, { costs, most, rows }: SpellingLimits): Spelling {
  const sounds = length - at;
  const { said, lacked, allBut } = costs;
  let [row, next] = rows;
  for (let i = 0; i <= sounds; i++) row[i] = (allBut[at + i] as number) - (allBut[at] as number);
  let through = NEVER;
  for (const [nth, phone] of word.entries()) {
    const cost = said.get(phone);
    // At the target's beginning the word may have begun before it.
    next[0] = (row[0] as number) + (at === 0 ? BESIDE_COST : LOOSE_COST);
    let least = next[0];
    for (let i = 1; i <= sounds; i++) {
      const other = (row[i - 1] as number) + (cost?.[at + i - 1] ?? OTHER_COST);
      const lacking = (next[i - 1] as number) + (lacked[at + i - 1] as number);
      next[i] = Math.min(other, (row[i] as number) + LOOSE_COST, lacking);
      least = Math.min(least, next[i] as number);
    }
    [row, next] = [next, row];
    through = Math.min(through, (row[sounds] as number) + BESIDE_COST * (word.length - 1 - nth));
    if (least > most) return { ends: [], through };
  }
  const ends: [number, number][] = [];
  for (let i = 1; i < sounds; i++) if ((row[i] as number) <= most) ends.push([at + i, row[i] as number]);
  return { ends, through };
}

function nearest(whole: Begun[], sounds: number, most: number): readonly NearWord[] {
  const found: NearWord[] = [];
  for (const { words, cost } of whole.sort((a, b) => a.cost - b.cost)) {
    const text = words.join(' ');
    if (found.some((other) => isAlike(other.text, text))) continue;
    found.push({ text, distance: cost / sounds });
    if (found.length === most) break;
  }
  return found;
}

/** Whether two phrases share a word that says much of them, be it in another form: one of them tells enough. */
export function isAlike(one: string, other: string): boolean {
  return one.split(' ').some((word) => other.split(' ').some((its) => isOneOf(word, its)));
}

function isOneOf(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  return short.length >= LONG_WORD && long.startsWith(short) && long.length - short.length <= ENDING;
}

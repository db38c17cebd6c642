import { countAgain, type Interval, perHourExact, shareExact, wilson } from '../../core/intervals.js';
import { frontOf } from './front.js';
import { type Heard, hoursFor, type Outcome } from './tuning.js';
import { chooseFor, keptBy, type Wish, type WishKept } from './wish.js';
import {
  type CrossValidated,
  crossValidatedBy,
  frontOfWords,
  outcomeOfWords,
  type ThresholdsByWord,
  type WordsPoint,
} from './word-tuning.js';

/** Whether all words share a pair of thresholds, or each has its own. */
export type Way = 'shared' | 'by-word';

/** What tuning finds. */
export interface Tuned {
  readonly front: readonly WordsPoint[];
  /** The thresholds in force, and what they make of the same. */
  readonly now: WordsPoint;
  readonly chosen: WordsPoint | null;
  /** The way that did better where it was not chosen; shared thresholds where neither did. */
  readonly way: Way;
  /** What choosing so brings on groups it was not chosen on, either way; null of a single group. */
  readonly crossValidated: Readonly<Record<Way, CrossValidated | null>>;
  /** How sure that is: exact 95% bounds, whatever the scores are distributed like; null of a single group. */
  readonly bounds: { readonly missed: Interval; readonly falseAcceptsPerHour: Interval } | null;
  /** How many false accepts to expect of as much listening again; null of a single group. */
  readonly again: Again | null;
  /** How far the wish is kept, and what it would take. */
  readonly wishKept: WishKept;
  /** What it would take to be surer: hours without any false accept, and words said. */
  readonly needed: { readonly hours: number | null; readonly words: number };
}

/** False accepts that are likely, at 95%, in so many hours more. */
export interface Again {
  readonly hours: number;
  readonly falseAccepts: Interval;
}

/** What is tuned. */
export interface TuneOptions {
  readonly words: readonly string[];
  /** The same stretches, heard with one or several thresholds of the first stage. */
  readonly heard: readonly Heard[];
  readonly wish: Wish;
  readonly folds: number;
  readonly inForce: ThresholdsByWord;
}

/** Half of the width that the share of missed words is wanted to be known by. */
const WANTED_HALF = 0.02;

/** Finds the thresholds of all words that fulfil a wish, and how sure that is. */
export function tuneWords({ words, heard, wish, folds, inForce }: TuneOptions): Tuned {
  const fronts: Readonly<Record<Way, (from: readonly Heard[]) => readonly WordsPoint[]>> = {
    shared: (from) =>
      frontOf(from).map((point) => ({ ...point, thresholds: sharedBy(words, point.thresholds) })),
    'by-word': (from) => frontOfWords(words, from),
  };
  const judged = (way: Way) =>
    crossValidatedBy(words, heard, folds, (part) => chooseFor(fronts[way](part), wish)?.thresholds ?? null);
  const crossValidated = { shared: judged('shared'), 'by-word': judged('by-word') };
  const way = betterWay(crossValidated, wish);
  const front = fronts[way](heard);
  const other = crossValidated[way];
  const bounds = other === null ? null : boundsOf(other);
  return {
    front,
    now: { thresholds: inForce, ...outcomeOfWords(words, heard, nearest(inForce, heard)) },
    chosen: chooseFor(front, wish),
    way,
    crossValidated,
    bounds,
    again: other === null ? null : againIn(other.hours, other),
    wishKept: keptBy({ front, elsewhere: other, bounds: bounds?.falseAcceptsPerHour ?? null }, wish),
    needed: {
      hours: wish.falseAcceptsPerHour === null ? null : hoursFor(wish.falseAcceptsPerHour),
      words: wordsFor(other),
    },
  };
}

/** Thresholds of its own for each word only where that did better on groups it was not chosen on. */
function betterWay({ shared, 'by-word': byWord }: Tuned['crossValidated'], wish: Wish): Way {
  if (shared === null || byWord === null) return 'shared';
  const most = wish.falseAcceptsPerHour ?? Number.POSITIVE_INFINITY;
  const over = ({ falseAcceptsPerHour }: Outcome) => Math.max(0, falseAcceptsPerHour - most);
  if (over(byWord) !== over(shared)) return over(byWord) < over(shared) ? 'by-word' : 'shared';
  return byWord.missed < shared.missed ? 'by-word' : 'shared';
}

/**
 * Exact intervals of the counts where nothing was chosen (Clopper and Pearson, Biometrika 26, 1934; Garwood, Biometrika
 * 28, 1936), of as many fewer as groups differ: they hold for whatever distribution the scores have, where groups are
 * independent draws of it.
 */
function boundsOf({
  missed,
  words,
  falseAccepts,
  hours,
  effects,
}: CrossValidated): NonNullable<Tuned['bounds']> {
  return {
    missed: shareExact(missed, words, effects.missed),
    falseAcceptsPerHour: perHourExact(falseAccepts, hours, effects.falseAccepts),
  };
}

/** What a count where nothing was chosen says of so many hours more, of other groups. */
export function againIn(hours: number, counted: CrossValidated): Again {
  const { falseAccepts, hours: heard, effects } = counted;
  return { hours, falseAccepts: countAgain(falseAccepts, heard, hours, effects.falseAccepts) };
}

/** Words that have to be said for the share of those missed to be known to two points either way. */
function wordsFor(outcome: Outcome | null): number {
  const { missed, words } = outcome ?? { missed: 0, words: 0 };
  const { low, high } = wilson(missed, words);
  const share = words === 0 ? 0.5 : missed === 0 ? high / 2 : missed / words;
  return high - low <= 2 * WANTED_HALF
    ? words
    : Math.ceil((1.96 ** 2 * share * (1 - share)) / WANTED_HALF ** 2);
}

/** The same thresholds for each word. */
export function sharedBy(words: readonly string[], thresholds: ThresholdsByWord[string]): ThresholdsByWord {
  return Object.fromEntries(words.map((word) => [word, thresholds]));
}

/** With the thresholds of the first stage that were heard with: those nearest to what is in force. */
export function nearest(inForce: ThresholdsByWord, heard: readonly Heard[]): ThresholdsByWord {
  const far = (notice: number, other: number) => Math.abs(Math.log((notice + 1e-9) / (other + 1e-9)));
  return Object.fromEntries(
    Object.entries(inForce).map(([word, { notice, accept }]) => {
      const [closest] = heard.map((pass) => pass.notice).sort((a, b) => far(a, notice) - far(b, notice));
      return [word, { accept, notice: closest ?? notice }];
    }),
  );
}

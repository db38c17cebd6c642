import { Noticed } from '../learning/tuning/noticed.js';
import { againIn, nearest, sharedBy, type Tuned, tuneWords } from '../learning/tuning/tune-words.js';
import type { Heard, Listened, Outcome, WakeThresholds } from '../learning/tuning/tuning.js';
import type { Wish } from '../learning/tuning/wish.js';
import { outcomeOfWords, type ThresholdsByWord } from '../learning/tuning/word-tuning.js';
import { type Corner, evenly, type Split, type Tunable, unbeaten } from './tune.js';

/** Words, or alarms, whose thresholds are tuned. */
export interface WordsToTune {
  readonly words: readonly string[];
  /** The same stretches, heard with one or several thresholds of the first stage. */
  readonly heard: readonly Heard[];
  /** The same, heard with the thresholds of a grid; null: any threshold of the second stage is judged from `heard`. */
  readonly heardOnGrid: readonly Heard[] | null;
  readonly inForce: ThresholdsByWord;
  readonly wish: Wish;
  /** False accepts an hour beyond which nothing counts. */
  readonly mostFalsePerHour: number;
}

const FOLDS = 5;

/** Thresholds of words or alarms: how many are missed, and how many are taken for one in an hour. */
export function tunableWords(of: WordsToTune): Tunable {
  const { words, heard, inForce, mostFalsePerHour } = of;
  const all = outcomeOfWords(words, heard, nearest(inForce, heard));
  const { missed, falseAccepts, hours } = all;
  return {
    groups: heard.flatMap(({ listened }) => listened.map(({ group }) => group)),
    what: `${all.words} to find in ${hours.toFixed(2)} h; in force ${missed} missed and ${falseAccepts} false`,
    measures: `share missed up to all, false ones up to ${Number(mostFalsePerHour.toPrecision(3))} an hour`,
    split: (chosenOn) => splitWords(of, chosenOn),
  };
}

function splitWords(of: WordsToTune, chosenOn: ReadonlySet<string>): Split {
  const { words, wish, inForce, mostFalsePerHour } = of;
  const part = (heard: readonly Heard[], isChosenOn: boolean) =>
    heard.map(({ notice, listened }) => ({
      notice,
      listened: listened.filter(({ group }) => chosenOn.has(group) === isChosenOn),
    }));
  const [chosen, judged] = [part(of.heard, true), part(of.heard, false)];
  const corner = (outcome: Outcome) => cornerOf(outcome, mostFalsePerHour);
  const tuned = tuneWords({ words, heard: chosen, wish, folds: FOLDS, inForce });
  const tried = of.heardOnGrid === null ? triedOn(words, chosen) : chosen.length;
  const grid = of.heardOnGrid ?? of.heard;
  const gridPoints = unbeaten(
    part(grid, true).flatMap(({ notice, listened }) => {
      const accepts = of.heardOnGrid === null ? evenly(Math.ceil(tried / grid.length)) : [notice];
      return pointsOf(listened, notice, accepts, corner);
    }),
  );
  const judgedOnGrid = part(grid, false);
  const on = (thresholds: ThresholdsByWord, heard = judged) =>
    corner(outcomeOfWords(words, heard, thresholds));
  return {
    tuned: tuned.front.map(({ thresholds }) => on(thresholds)),
    grid: gridPoints.map(({ thresholds }) => on(sharedBy(words, thresholds), judgedOnGrid)),
    inForce: on(nearest(inForce, judged)),
    tried,
    promise: promiseOf(tuned, words, judged),
  };
}

function pointsOf(
  listened: readonly Listened[],
  notice: number,
  accepts: readonly number[],
  corner: (outcome: Outcome) => Corner,
): readonly (Corner & { readonly thresholds: WakeThresholds })[] {
  const noticed = Noticed.of(listened);
  return accepts.map((accept) => {
    const thresholds = { notice, accept };
    return { thresholds, ...corner(noticed.outcome(thresholds)) };
  });
}

/** Thresholds that tuning tried: of all words together, and of each by itself. */
function triedOn(words: readonly string[], heard: readonly Heard[]): number {
  return heard.reduce(
    (sum, { notice, listened }) =>
      [undefined, ...words].reduce(
        (count, word) => count + Noticed.of(listened, word).steps(notice).length,
        sum,
      ),
    0,
  );
}

function promiseOf(tuned: Tuned, words: readonly string[], judged: readonly Heard[]): Split['promise'] {
  const counted = tuned.crossValidated[tuned.way];
  if (tuned.chosen === null || counted === null || tuned.bounds === null) return null;
  const found = outcomeOfWords(words, judged, tuned.chosen.thresholds);
  const { falseAccepts: again } = againIn(found.hours, counted);
  return {
    covered: found.falseAccepts >= again.low && found.falseAccepts <= again.high,
    below: found.falseAcceptsPerHour <= tuned.bounds.falseAcceptsPerHour.high,
  };
}

function cornerOf({ missed, words, falseAcceptsPerHour }: Outcome, mostFalsePerHour: number): Corner {
  return {
    missed: words === 0 ? 1 : missed / words,
    wrong: Math.min(1, falseAcceptsPerHour / mostFalsePerHour),
  };
}

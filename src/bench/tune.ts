import { mulberry32 } from '../core/random.js';
import { Noticed } from '../learning/tuning/noticed.js';
import { againIn, nearest, sharedBy, tuneWords } from '../learning/tuning/tune-words.js';
import type { Heard, Outcome, WakeThresholds } from '../learning/tuning/tuning.js';
import type { Wish } from '../learning/tuning/wish.js';
import { outcomeOfWords, type ThresholdsByWord } from '../learning/tuning/word-tuning.js';

/** What is compared of thresholds where they were not chosen. */
export interface TuneBench {
  readonly splits: number;
  readonly words: number;
  readonly hours: number;
  /** Share that is better of the square from no miss to all, and from no false accept to `mostFalsePerHour`. */
  readonly hypervolume: { readonly tuned: number; readonly grid: number; readonly defaults: number };
  readonly mostFalsePerHour: number;
  /** Splits in which anything was promised. */
  readonly promised: number;
  /** Of those the splits whose false accepts on the other groups are as many as is told for that many hours more. */
  readonly covered: number;
  /** Of those the splits with at most as many false accepts an hour there as is told to be sure at 95%. */
  readonly below: number;
}

/** What is asked of {@link benchTune}. */
export interface TuneBenchOptions {
  readonly words: readonly string[];
  readonly heard: readonly Heard[];
  readonly inForce: ThresholdsByWord;
  readonly wish: Wish;
  readonly splits: number;
  /** False accepts an hour beyond which nothing counts. */
  readonly mostFalsePerHour: number;
}

/** Thresholds of a stage on the grid. */
const GRID = [0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.98] as const;
const FOLDS = 5;

/**
 * Chooses thresholds on half of the groups and judges them on the other half, for so many ways to halve them: the front
 * against a grid and against what is in force, and how often the interval that was promised holds.
 */
export function benchTune({
  words,
  heard,
  inForce,
  wish,
  splits,
  mostFalsePerHour,
}: TuneBenchOptions): TuneBench {
  const volumes = { tuned: 0, grid: 0, defaults: 0 };
  let [promised, covered, below] = [0, 0, 0];
  for (let split = 0; split < splits; split += 1) {
    const [chosenOn, judgedOn] = halves(heard, split);
    const byWord = (thresholds: WakeThresholds) => sharedBy(words, thresholds);
    const judged = (thresholds: ThresholdsByWord) => outcomeOfWords(words, judgedOn, thresholds);
    const volume = (points: readonly Outcome[]) => volumeOf(points, mostFalsePerHour);
    const tuned = tuneWords({ words, heard: chosenOn, wish, folds: FOLDS, inForce });
    volumes.tuned += volume(tuned.front.map(({ thresholds }) => judged(thresholds)));
    volumes.grid += volume(gridFront(chosenOn).map((point) => judged(byWord(point))));
    volumes.defaults += volume([judged(nearest(inForce, heard))]);
    const found = tuned.chosen === null ? null : judged(tuned.chosen.thresholds);
    const counted = tuned.crossValidated[tuned.way];
    if (found === null || counted === null || tuned.bounds === null) continue;
    const { falseAccepts: again } = againIn(found.hours, counted);
    promised += 1;
    if (found.falseAccepts >= again.low && found.falseAccepts <= again.high) covered += 1;
    if (found.falseAcceptsPerHour <= tuned.bounds.falseAcceptsPerHour.high) below += 1;
  }
  const all = outcomeOfWords(words, heard, nearest(inForce, heard));
  return {
    splits,
    words: all.words,
    hours: all.hours,
    hypervolume: {
      tuned: volumes.tuned / splits,
      grid: volumes.grid / splits,
      defaults: volumes.defaults / splits,
    },
    mostFalsePerHour,
    promised,
    covered,
    below,
  };
}

/** Of each group all stretches on one side; another half for each split. */
function halves(heard: readonly Heard[], split: number): readonly [readonly Heard[], readonly Heard[]] {
  const random = mulberry32(split + 1);
  const groups = [...new Set(heard.flatMap(({ listened }) => listened.map(({ group }) => group)))].sort();
  const first = new Set(groups.filter(() => random() < 0.5));
  const of = (isFirst: boolean) =>
    heard.map(({ notice, listened }) => ({
      notice,
      listened: listened.filter(({ group }) => first.has(group) === isFirst),
    }));
  return [of(true), of(false)];
}

/** The pairs of the grid that no other pair of it is better than, where they are chosen. */
function gridFront(heard: readonly Heard[]): readonly WakeThresholds[] {
  const points = heard.flatMap(({ notice, listened }) => {
    const noticed = Noticed.of(listened);
    return GRID.map((accept) => ({ notice, accept, ...noticed.outcome({ notice, accept }) }));
  });
  return points.filter(
    (point) =>
      !points.some(
        (other) =>
          other.missed <= point.missed &&
          other.falseAccepts <= point.falseAccepts &&
          (other.missed < point.missed || other.falseAccepts < point.falseAccepts),
      ),
  );
}

/** What the points dominate of the square: the hypervolume indicator of two measures (Zitzler and Thiele 1999). */
function volumeOf(points: readonly Outcome[], mostFalsePerHour: number): number {
  const corners = points
    .map(({ missed, words, falseAcceptsPerHour }) => ({
      missed: words === 0 ? 1 : missed / words,
      false: Math.min(1, falseAcceptsPerHour / mostFalsePerHour),
    }))
    .sort((a, b) => a.false - b.false);
  let [volume, missed] = [0, 1];
  for (const corner of corners) {
    if (corner.missed >= missed) continue;
    volume += (missed - corner.missed) * (1 - corner.false);
    missed = corner.missed;
  }
  return volume;
}

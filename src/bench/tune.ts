import { perHourExact } from '../core/intervals.js';
import { mulberry32 } from '../core/random.js';
import { nearest, sharedBy, tuneWords } from '../learning/tuning/tune-words.js';
import { type Heard, type Outcome, outcomeOf, type WakeThresholds } from '../learning/tuning/tuning.js';
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
  /** Splits in which the rate on the other groups lay in the interval that was promised, and below its upper end. */
  readonly covered: number;
  readonly below: number;
}

/** What is asked of {@link benchTune}. */
export interface TuneBenchOptions {
  readonly words: readonly string[];
  readonly heard: readonly Heard[];
  readonly inForce: WakeThresholds;
  readonly wish: Wish;
  readonly splits: number;
}

/** False accepts an hour beyond which nothing counts. */
const MOST_FALSE_PER_HOUR = 10;
/** Thresholds of a stage on the grid. */
const GRID = [0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 0.98] as const;
const FOLDS = 5;

/**
 * Chooses thresholds on half of the groups and judges them on the other half, for so many ways to halve them: the front
 * against a grid and against what is in force, and how often the interval that was promised holds.
 */
export function benchTune({ words, heard, inForce, wish, splits }: TuneBenchOptions): TuneBench {
  const volumes = { tuned: 0, grid: 0, defaults: 0 };
  let [covered, below] = [0, 0];
  for (let split = 0; split < splits; split += 1) {
    const [chosenOn, judgedOn] = halves(heard, split);
    const byWord = (thresholds: WakeThresholds) => sharedBy(words, thresholds);
    const judged = (thresholds: ThresholdsByWord) => outcomeOfWords(words, judgedOn, thresholds);
    const tuned = tuneWords({ words, heard: chosenOn, wish, folds: FOLDS, inForce: byWord(inForce) });
    volumes.tuned += volumeOf(tuned.front.map(({ thresholds }) => judged(thresholds)));
    volumes.grid += volumeOf(gridFront(chosenOn).map((point) => judged(byWord(point))));
    volumes.defaults += volumeOf([judged(nearest(byWord(inForce), heard))]);
    const found = tuned.chosen === null ? null : judged(tuned.chosen.thresholds);
    const promised = promisedFor(tuned.crossValidated[tuned.way], found);
    if (found === null || promised === null) continue;
    const rate = found.falseAcceptsPerHour;
    if (rate <= promised.high) below += 1;
    if (rate <= promised.high && rate >= promised.low) covered += 1;
  }
  const all = outcomeOf(heard[0]?.listened ?? [], inForce);
  return {
    splits,
    words: all.words,
    hours: all.hours,
    hypervolume: {
      tuned: volumes.tuned / splits,
      grid: volumes.grid / splits,
      defaults: volumes.defaults / splits,
    },
    mostFalsePerHour: MOST_FALSE_PER_HOUR,
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
  const points = heard.flatMap(({ notice, listened }) =>
    GRID.map((accept) => ({ notice, accept, ...outcomeOf(listened, { notice, accept }) })),
  );
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
function volumeOf(points: readonly Outcome[]): number {
  const corners = points
    .map(({ missed, words, falseAcceptsPerHour }) => ({
      missed: words === 0 ? 1 : missed / words,
      false: Math.min(1, falseAcceptsPerHour / MOST_FALSE_PER_HOUR),
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

/**
 * Between which the rate of another stretch of so many hours lies, as the cross-validated count promises: its exact
 * interval, widened by what such a stretch itself scatters.
 */
function promisedFor(chosen: Outcome | null, found: Outcome | null): { low: number; high: number } | null {
  if (chosen === null || found === null) return null;
  const { low, high } = perHourExact(chosen.falseAccepts, chosen.hours);
  const scatter = (rate: number) => perHourExact(Math.round(rate * found.hours), found.hours);
  return { low: scatter(low).low, high: scatter(high).high };
}

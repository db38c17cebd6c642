import { mean } from '../core/moments.js';
import { mulberry32 } from '../core/random.js';

/**
 * What thresholds bring, by two measures that are the better the smaller, each as a share of what it is held against:
 * at 1 there is nothing left of it.
 */
export interface Corner {
  readonly missed: number;
  readonly wrong: number;
}

/** What thresholds that were chosen on some groups bring on the others. */
export interface Split {
  readonly tuned: readonly Corner[];
  readonly grid: readonly Corner[];
  readonly inForce: Corner;
  /** Thresholds that tuning tried, and the grid too. */
  readonly tried: number;
  /** What came of what was promised; null where nothing was. */
  readonly promise: Promised | null;
}

/** What came of a promise. */
export interface Promised {
  /** There are as many wrong ones as were told for as much more. */
  readonly covered: boolean;
  /** Their rate is at most the one that was told to be sure at 95%. */
  readonly below: boolean;
}

/** Something that is tuned, of recordings in groups. */
export interface Tunable {
  readonly groups: readonly string[];
  /** What there is of it, for a person. */
  readonly what: string;
  /** What {@link Corner} measures, for a person. */
  readonly measures: string;
  /** Chooses on those groups, and judges on all others. */
  readonly split: (chosenOn: ReadonlySet<string>) => Split;
}

/** What tuning is worth where it was not done. */
export interface TuneBench {
  readonly what: string;
  readonly measures: string;
  readonly groups: number;
  readonly splits: number;
  /** Thresholds that tuning tried in a split, and the grid too; the mean. */
  readonly tried: number;
  /** Share that is better of the square from nothing to the reference point (1, 1); the mean of all splits. */
  readonly hypervolume: { readonly tuned: number; readonly grid: number; readonly inForce: number };
  /** Splits in which the tuned front has less of it than these. */
  readonly less: { readonly grid: number; readonly inForce: number };
  /** Splits in which anything was promised, and in how many of those it came true: see {@link Promised}. */
  readonly promised: number;
  readonly covered: number;
  readonly below: number;
}

/**
 * Chooses thresholds on half of the groups and judges them on the other half, for so many ways to halve them: the front
 * against a grid of as many thresholds and against those in force, and how often what was promised came true.
 */
export function benchTune({ groups, what, measures, split }: Tunable, splits: number): TuneBench {
  const results = Array.from({ length: splits }, (_, way) => {
    const { tuned, grid, inForce, tried, promise } = split(halfOf(groups, way));
    const volumes = { tuned: volumeOf(tuned), grid: volumeOf(grid), inForce: volumeOf([inForce]) };
    return { ...volumes, tried, promise };
  });
  const meanOf = (of: (result: (typeof results)[number]) => number) => mean(results.map(of));
  const less = (than: 'grid' | 'inForce') =>
    results.filter((result) => result.tuned < result[than] - ROUNDING).length;
  const promises = results.flatMap(({ promise }) => (promise === null ? [] : [promise]));
  return {
    what,
    measures,
    groups: new Set(groups).size,
    splits,
    tried: Math.round(meanOf(({ tried }) => tried)),
    hypervolume: {
      tuned: meanOf(({ tuned }) => tuned),
      grid: meanOf(({ grid }) => grid),
      inForce: meanOf(({ inForce }) => inForce),
    },
    less: { grid: less('grid'), inForce: less('inForce') },
    promised: promises.length,
    covered: promises.filter(({ covered }) => covered).length,
    below: promises.filter(({ below }) => below).length,
  };
}

const ROUNDING = 1e-9;

/** About half of the groups; another half for each way. */
function halfOf(groups: readonly string[], way: number): ReadonlySet<string> {
  const random = mulberry32(way + 1);
  return new Set([...new Set(groups)].sort().filter(() => random() < 0.5));
}

/**
 * What the points dominate of the square up to (1, 1): the hypervolume indicator (Zitzler and Thiele, IEEE Trans.
 * Evolutionary Computation 3, 1999) with the nadir as reference point (Ishibuchi and others, Evolutionary Computation
 * 26, 2018).
 */
export function volumeOf(points: readonly Corner[]): number {
  let [volume, least] = [0, 1];
  for (const { missed, wrong } of points.toSorted((a, b) => a.wrong - b.wrong)) {
    if (missed >= least || wrong >= 1) continue;
    volume += (least - missed) * (1 - wrong);
    least = missed;
  }
  return volume;
}

/** The points that no other beats, where they are chosen; of those that do the same, the first. */
export function unbeaten<Of extends Corner>(points: readonly Of[]): readonly Of[] {
  const front: Of[] = [];
  for (const point of points.toSorted((a, b) => a.wrong - b.wrong || a.missed - b.missed))
    if (point.missed < (front.at(-1)?.missed ?? Number.POSITIVE_INFINITY)) front.push(point);
  return front;
}

/** So many thresholds at even distances between 0 and 1. */
export function evenly(count: number): readonly number[] {
  return Array.from({ length: count }, (_, at) => (at + 1) / (count + 1));
}

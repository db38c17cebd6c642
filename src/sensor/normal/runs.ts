/** However few runs were learnt, one beyond this many times the longest of them is too long. */
export const RUN_FACTOR = 10;
/** Whatever was learnt, a run of no more rows than this is not too long. */
export const MIN_RUN_ROWS = 30;
/** Nor is one of at most this many times the longest one learnt. */
const LEAST_FACTOR = 2;
/** How often in a row a longer run may begin by chance: a hundredth of the false alarms that are promised at most. */
const CHANCE = 1e-5;

/** Lengths of the runs of a channel: of rows that repeat the value before, and of missing ones. */
export interface Runs {
  readonly same: readonly number[];
  readonly missing: readonly number[];
}

/** The runs in a channel, NaN where a value is missing. */
export function runsOf(raw: Float64Array): Runs {
  const same: number[] = [];
  const missing: number[] = [];
  let sameRun = 0;
  let missingRun = 0;
  let last = Number.NaN;
  for (const value of raw) {
    if (Number.isNaN(value)) {
      missingRun += 1;
      continue;
    }
    if (missingRun > 0) missing.push(missingRun);
    missingRun = 0;
    if (value === last) sameRun += 1;
    else if (sameRun > 0) same.push(sameRun);
    if (value !== last) sameRun = 0;
    last = value;
  }
  if (sameRun > 0) same.push(sameRun);
  if (missingRun > 0) missing.push(missingRun);
  return { same, missing };
}

/**
 * Rows that a run may last before it is longer than what was learnt explains. Runs are taken to be exponential, as
 * waits are; of k of them the predictive tail is Lomax's with shape k, a gamma mixture of exponentials (Lomax,
 * "Business failures", JASA 49, 1954). Of many runs the length is known well, of few only its order.
 *
 * @param runs Lengths that were learnt, in rows.
 * @param rows Rows that they are of.
 */
export function patienceOf(runs: readonly number[], rows: number): number {
  if (runs.length === 0) return MIN_RUN_ROWS;
  const longest = Math.max(...runs);
  const sum = runs.reduce((total, run) => total + run, 0);
  const tail = sum * ((runs.length / (rows * CHANCE)) ** (1 / runs.length) - 1);
  return Math.max(MIN_RUN_ROWS, LEAST_FACTOR * longest, Math.min(RUN_FACTOR * longest, Math.round(tail)));
}

import { mean } from '../../core/moments.js';
import { hasLevel, type NormalModel, SMOOTHING_ROWS } from './normal-model.js';
import { normalEquivalent } from './statistics.js';

/** The split of a stretch of rows into before and after that explains it best. */
export interface ChangePoint {
  /** First row after the change. */
  readonly row: number;
  /** Signed shift of the mean of each feature across it, in the feature's own unit. */
  readonly shifts: Float64Array;
  /** Standard deviation that noise and drift give such a shift, in the same unit. */
  readonly spreads: Float64Array;
  /** Each shift as a normal deviate, signed. */
  readonly deviations: Float64Array;
  /** Size of the largest of them. */
  readonly deviation: number;
}

/** Rows before the change that are compared, at most and at least. */
export const BEFORE_ROWS = 50;
const MIN_BEFORE_ROWS = 20;
/** Rows after it that are compared, at most and at least. */
const AFTER_ROWS = 40;
export const MIN_AFTER_ROWS = 10;
/**
 * Rows from before a notice among which its change is looked for. More of them place false alarms' beginnings far
 * too early, for what else changed is found too.
 */
export const WINDOW_ROWS = 60;
/** Rows that a change may take from its first row to its last. */
const RAMP_ROWS = [0, 10, 20, 40, 60] as const;
const STEP_ROWS = 2;
/** Rows to either side of a change in which its first row is looked for. */
const ONSET_ROWS = 60;
/** Independent values among the learnt ones from which on a channel's noise counts as white. */
const WHITE_DOF = 20;

/**
 * Finds where rows changed most, by the generalised likelihood ratio of a shift in mean that takes a while
 * (Basseville and Nikiforov, "Detection of Abrupt Changes", 1993, sections 2.4 and 7.2), against what noise and drift
 * explain. Seen from afterwards and with the rows since the change, a shift stands out far more, and a passing blip
 * far less, than in a stream; and its first row can be told from the row at which it was noticed.
 *
 * @param rows Interleaved, `rows[i * features + f]`; NaN where a value is missing.
 * @param awayRows Rows that may be missing somewhere in the midst, in which the level drifted.
 * @returns null when the stretch is too short.
 */
export function findChange(rows: Float64Array, normal: NormalModel, awayRows = 0): ChangePoint | null {
  const features = normal.channels.length;
  const count = Math.floor(rows.length / features);
  const sums = cumulate(rows, features, count);
  let best: ChangePoint | null = null;
  let measured = emptyMeasure(features);
  for (const rampRows of RAMP_ROWS) {
    for (let row = MIN_BEFORE_ROWS; row + rampRows <= count - MIN_AFTER_ROWS; row += STEP_ROWS) {
      const deviation = shiftAt(row, rampRows, sums, count, normal, awayRows, measured);
      if (best !== null && deviation <= best.deviation) continue;
      best = { row, deviation, ...measured };
      measured = emptyMeasure(features);
    }
  }
  return best === null ? null : { ...best, row: onsetOf(rows, count, best) };
}

/**
 * First row of the change, by least squares of a flat stretch, a straight ramp and a flat stretch (segmented
 * regression: Hinkley, "Inference in two-phase regression", JASA 66, 1971) to the rows seen along the change.
 */
function onsetOf(rows: Float64Array, count: number, { row, deviations, spreads }: ChangePoint): number {
  const features = deviations.length;
  const first = Math.max(0, row - ONSET_ROWS);
  const last = Math.min(count, row + ONSET_ROWS);
  const seen = new Float64Array(last - first);
  let previous = 0;
  for (let i = first; i < last; i++) {
    let along = 0;
    for (let f = 0; f < features; f++) {
      if (deviations[f] === 0) continue;
      const value = rows[i * features + f] as number;
      if (Number.isFinite(value)) along += (value * (deviations[f] as number) ** 3) / (spreads[f] as number);
      else along = Number.NaN;
    }
    if (Number.isFinite(along)) previous = along;
    seen[i - first] = previous;
  }
  let least = Number.POSITIVE_INFINITY;
  let onset = row;
  for (let from = MIN_AFTER_ROWS; from <= seen.length - MIN_AFTER_ROWS; from += STEP_ROWS) {
    for (let to = from; to <= seen.length - MIN_AFTER_ROWS; to += STEP_ROWS) {
      const misfit = rampMisfit(seen, from, to);
      if (misfit >= least) continue;
      least = misfit;
      onset = first + from;
    }
  }
  return onset;
}

/** Sum of squares that a ramp from row `from` to row `to` leaves. */
function rampMisfit(series: Float64Array, from: number, to: number): number {
  const before = mean(series.subarray(0, from));
  const after = mean(series.subarray(to));
  let sum = 0;
  for (let i = 0; i < series.length; i++) {
    const share = Math.min(1, Math.max(0, i < from ? 0 : i >= to ? 1 : (i - from) / (to - from)));
    sum += ((series[i] as number) - before - share * (after - before)) ** 2;
  }
  return sum;
}

/** What is measured of every feature at one split. */
type Measure = Pick<ChangePoint, 'shifts' | 'spreads' | 'deviations'>;

function emptyMeasure(features: number): Measure {
  return {
    shifts: new Float64Array(features),
    spreads: new Float64Array(features),
    deviations: new Float64Array(features),
  };
}

/** Running sums of the values, and of how many there were, one series a feature. */
interface Sums {
  readonly values: Float64Array;
  readonly present: Float64Array;
}

function cumulate(rows: Float64Array, features: number, count: number): Sums {
  const values = new Float64Array((count + 1) * features);
  const present = new Float64Array((count + 1) * features);
  for (let i = 0; i < count * features; i++) {
    const value = rows[i] as number;
    const there = Number.isFinite(value);
    values[i + features] = (values[i] as number) + (there ? value : 0);
    present[i + features] = (present[i] as number) + (there ? 1 : 0);
  }
  return { values, present };
}

function shiftAt(
  row: number,
  rampRows: number,
  sums: Sums,
  count: number,
  normal: NormalModel,
  awayRows: number,
  into: Measure,
): number {
  const features = normal.channels.length;
  const first = Math.max(0, row - BEFORE_ROWS);
  const settled = row + rampRows;
  const last = Math.min(count, settled + AFTER_ROWS);
  let largest = 0;
  normal.channels.forEach((channel, f) => {
    const before = meanOf(sums, first, row, f, features);
    const after = meanOf(sums, settled, last, f, features);
    const white = Math.min(1, channel.dof / WHITE_DOF);
    const share = meanShare(before.rows, white) + meanShare(after.rows, white);
    // Variance of the difference of two means of a random walk.
    const walkRows = rampRows + (before.rows + after.rows) / 3 + awayRows;
    const drift = channel.driftVariance * walkRows;
    const spread = Math.sqrt(channel.noiseVariance * share + drift);
    const isSeen = hasLevel(channel) && before.rows > 0 && after.rows > 0;
    const shift = isSeen ? after.mean - before.mean : 0;
    const deviation = isSeen ? normalEquivalent(shift / spread, channel.dof) : 0;
    into.shifts[f] = shift;
    into.spreads[f] = spread;
    into.deviations[f] = deviation;
    if (Math.abs(deviation) > largest) largest = Math.abs(deviation);
  });
  return largest;
}

function meanOf(
  { values, present }: Sums,
  from: number,
  to: number,
  feature: number,
  features: number,
): { readonly mean: number; readonly rows: number } {
  const a = from * features + feature;
  const b = to * features + feature;
  const rows = (present[b] as number) - (present[a] as number);
  return { rows, mean: rows === 0 ? 0 : ((values[b] as number) - (values[a] as number)) / rows };
}

/**
 * Variance of a mean of `rows` rows as a share of the smoothed channel's: white noise averages out, slow
 * noise does not.
 */
function meanShare(rows: number, white: number): number {
  const averaged = Math.min(1, (2 * SMOOTHING_ROWS - 1) / Math.max(1, rows));
  return white * averaged + (1 - white);
}

import { BASELINE_ROWS, type NormalModel, SMOOTHING_ROWS } from './normal-model.js';
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

/** Rows before the change that at least must be there to compare with. */
const MIN_BEFORE_ROWS = 40;
const MIN_AFTER_ROWS = 10;
const STEP_ROWS = 2;
/** Independent values among the learnt ones from which on a channel's noise counts as white. */
const WHITE_DOF = 100;

/**
 * Finds where rows changed most, by the generalised likelihood ratio of a shift in mean (Basseville and Nikiforov,
 * "Detection of Abrupt Changes", 1993, section 2.4), against what noise and drift explain. Seen from afterwards and
 * with all rows since the change, a shift stands out far more, and a passing blip far less, than in a stream.
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
  for (let row = MIN_BEFORE_ROWS; row <= count - MIN_AFTER_ROWS; row += STEP_ROWS) {
    const deviation = shiftAt(row, sums, count, normal, awayRows, measured);
    if (best !== null && deviation <= best.deviation) continue;
    best = { row, deviation, ...measured };
    measured = emptyMeasure(features);
  }
  return best;
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
  sums: Sums,
  count: number,
  normal: NormalModel,
  awayRows: number,
  into: Measure,
): number {
  const features = normal.channels.length;
  const first = Math.max(0, row - BASELINE_ROWS);
  let largest = 0;
  normal.channels.forEach((channel, f) => {
    const before = meanOf(sums, first, row, f, features);
    const after = meanOf(sums, row, count, f, features);
    const white = Math.min(1, channel.dof / WHITE_DOF);
    const share = meanShare(before.rows, white) + meanShare(after.rows, white);
    const drift = channel.driftVariance * ((before.rows + after.rows) / 2 + awayRows);
    const spread = Math.sqrt(channel.noiseVariance * share + drift);
    const shift = before.rows === 0 || after.rows === 0 ? 0 : after.mean - before.mean;
    const deviation = normalEquivalent(shift / spread, channel.dof);
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

/** Variance of a mean of `rows` rows as a share of the smoothed channel's: white noise averages out, slow noise does not. */
function meanShare(rows: number, white: number): number {
  const averaged = Math.min(1, (2 * SMOOTHING_ROWS - 1) / Math.max(1, rows));
  return white * averaged + (1 - white);
}

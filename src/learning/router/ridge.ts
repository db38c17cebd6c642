import { mean } from '../../core/moments.js';

/** Rows of numbers most of which are 0: the entries of row `r` are `[starts[r], starts[r + 1])`. */
export interface SparseRows {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
  /** Columns there are. */
  readonly width: number;
}

export interface LinearFit {
  readonly weights: Float64Array;
  readonly intercept: number;
}

const MAX_STEPS = 200;
/** Of the first residual: closer makes no difference to an order of questions. */
const TOLERANCE = 1e-4;

/**
 * Ridge regression (Hoerl and Kennard, Technometrics 12, 1970): weights that minimise the squared error plus `penalty`
 * times their squared length; the intercept costs nothing. Solved by conjugate gradients on the normal equations
 * (Hestenes and Stiefel, 1952), so that no square matrix of the columns is ever held.
 */
export function ridge(rows: SparseRows, targets: readonly number[], penalty: number): LinearFit {
  const count = targets.length;
  const means = columnSums(rows, count).map((sum) => sum / count);
  const target = mean(targets);
  const weights = new Float64Array(rows.width);
  const residual = transposed(
    rows,
    Float64Array.from(targets, (value) => value - target),
  );
  const direction = residual.slice();
  let size = dot(residual, residual);
  const enough = size * TOLERANCE ** 2;
  for (let step = 0; step < MAX_STEPS && size > enough; step++) {
    const image = curvature(rows, means, count, penalty, direction);
    const length = size / dot(direction, image);
    for (let at = 0; at < weights.length; at++) {
      weights[at] = (weights[at] ?? 0) + length * (direction[at] ?? 0);
      residual[at] = (residual[at] ?? 0) - length * (image[at] ?? 0);
    }
    const next = dot(residual, residual);
    for (let at = 0; at < weights.length; at++) {
      direction[at] = (residual[at] ?? 0) + (next / size) * (direction[at] ?? 0);
    }
    size = next;
  }
  return { weights, intercept: target - dot(means, weights) };
}

/** What the normal equations make of a direction: that of the centred columns, without centring them. */
function curvature(
  rows: SparseRows,
  means: Float64Array,
  count: number,
  penalty: number,
  direction: Float64Array,
): Float64Array {
  const offset = dot(means, direction);
  const image = new Float64Array(count);
  for (let row = 0; row < count; row++) image[row] = rowDot(rows, row, direction) - offset;
  const back = transposed(rows, image);
  return back.map((value, at) => value + penalty * (direction[at] ?? 0));
}

function rowDot({ starts, columns, values }: SparseRows, row: number, weights: Float64Array): number {
  let total = 0;
  for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at++) {
    total += (values[at] ?? 0) * (weights[columns[at] ?? 0] ?? 0);
  }
  return total;
}

function transposed({ starts, columns, values, width }: SparseRows, image: Float64Array): Float64Array {
  const back = new Float64Array(width);
  for (let row = 0; row < image.length; row++) {
    for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at++) {
      const column = columns[at] ?? 0;
      back[column] = (back[column] ?? 0) + (values[at] ?? 0) * (image[row] ?? 0);
    }
  }
  return back;
}

function columnSums(rows: SparseRows, count: number): Float64Array {
  return transposed(rows, new Float64Array(count).fill(1));
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let at = 0; at < a.length; at++) total += (a[at] ?? 0) * (b[at] ?? 0);
  return total;
}

import { describe, expect, it } from 'vitest';
import { ridge } from '../../../../src/learning/router/ridge.js';

/** Rows of two columns each. */
function rowsOf(rows: readonly (readonly number[])[]) {
  return {
    starts: Int32Array.from([...rows, []], (_, at) => at * 2),
    columns: Int32Array.from(rows.flatMap(() => [0, 1])),
    values: Float64Array.from(rows.flat()),
    width: 2,
  };
}

const rows = [
  [0, 1],
  [1, 0],
  [2, 2],
  [3, 1],
  [5, 4],
];
const targets = rows.map(([a = 0, b = 0]) => 7 + 2 * a - b);

describe('ridge regression', () => {
  it('finds what made the targets, and leaves the intercept free', () => {
    const { weights, intercept } = ridge(rowsOf(rows), targets, 1e-6);
    expect(weights[0]).toBeCloseTo(2, 3);
    expect(weights[1]).toBeCloseTo(-1, 3);
    expect(intercept).toBeCloseTo(7, 3);
  });

  it('holds weights small by the penalty, down to the mean of the targets', () => {
    const { weights, intercept } = ridge(rowsOf(rows), targets, 1e9);
    expect(Math.hypot(...weights)).toBeLessThan(1e-6);
    expect(intercept).toBeCloseTo(targets.reduce((sum, value) => sum + value, 0) / targets.length, 5);
  });

  it('agrees with the closed form of one column', () => {
    // Centred: sum(xy) / (sum(xx) + penalty) = 10 / (10 + 5).
    const line = {
      starts: Int32Array.of(0, 1, 2, 3, 4, 5),
      columns: new Int32Array(5),
      values: Float64Array.of(1, 2, 3, 4, 5),
      width: 1,
    };
    expect(ridge(line, [1, 2, 3, 4, 5], 5).weights[0]).toBeCloseTo(10 / 15, 6);
  });
});

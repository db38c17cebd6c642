import { describe, expect, it } from 'vitest';
import { mean, variance } from '../../../src/core/moments.js';

describe('moments', () => {
  it('are those of all values, typed arrays as well', () => {
    expect(mean([1, 2, 6])).toBe(3);
    expect(variance(Float64Array.of(1, 2, 6))).toBeCloseTo(14 / 3, 12);
  });

  it('are not a number where there is nothing', () => {
    expect(mean([])).toBeNaN();
    expect(variance([])).toBeNaN();
  });
});

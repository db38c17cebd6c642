import { describe, expect, it } from 'vitest';
import { median, quantile } from '../../../src/core/quantile.js';

describe('quantiles', () => {
  it('lie between the values beside them, without those that are missing', () => {
    expect(median([5, Number.NaN, 1, 3])).toBe(3);
    expect(quantile([1, 3], 0.5)).toBe(2);
    expect(quantile([0, 10, 20], 0.75)).toBe(15);
    expect([quantile([5, 1, 3], 0), quantile([5, 1, 3], 1)]).toEqual([1, 5]);
  });

  it('of nothing are no number', () => {
    expect(median([])).toBeNaN();
    expect(quantile([Number.NaN], 0.9)).toBeNaN();
  });
});

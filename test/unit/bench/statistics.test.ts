import { describe, expect, it } from 'vitest';
import { quantileOrNull } from '../../../src/bench/statistics.js';

describe('a quantile as a table shows it', () => {
  it('is none where nothing was measured', () => {
    expect(quantileOrNull([5, 1, 3], 0.5)).toBe(3);
    expect(quantileOrNull([], 0.5)).toBeNull();
  });
});

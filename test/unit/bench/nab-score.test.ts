import { describe, expect, it } from 'vitest';
import { nabScore, probationRows } from '../../../src/bench/nab-score.js';

const windows = [
  { first: 400, last: 499 },
  { first: 700, last: 799 },
];
const score = (detections: readonly number[]) => nabScore([{ rows: 1000, windows, detections }]);

describe('NAB standard scoring', () => {
  it('gives 0 to a detector that never fires and 100 to one that fires as each window begins', () => {
    expect(score([]).score).toBe(0);
    expect(score([400, 700]).score).toBeCloseTo(100, 10);
  });

  it('rewards an early detection more than a late one, and only the first of a window', () => {
    expect(score([400, 790]).score).toBeLessThan(score([400, 720]).score);
    expect(score([400, 450, 499, 700]).score).toBeCloseTo(score([400, 700]).score, 10);
  });

  it('takes 0.11 off for a false alarm before any window, and less just behind one', () => {
    // Two windows span 4 points of raw score between silence and perfection.
    expect(100 - score([300, 400, 700]).score).toBeCloseTo((100 * 0.11) / 4, 10);
    expect(score([400, 505, 700]).score).toBeGreaterThan(score([300, 400, 700]).score);
  });

  it('does not score the probation, 15% of at most 5,000 rows', () => {
    expect(probationRows(1000)).toBe(150);
    expect(probationRows(20_000)).toBe(750);
    expect(score([10, 400, 700]).score).toBeCloseTo(100, 10);
  });
});

import { describe, expect, it } from 'vitest';
import {
  countAgain,
  designEffect,
  mostPerHour,
  perHour,
  perHourExact,
  poisson,
  shareExact,
  wilson,
} from '../../../src/core/intervals.js';

describe('intervals', () => {
  it("are Wilson's for shares", () => {
    // Worked example: 10 of 100, 95%: 0.0552 to 0.1744.
    expect(wilson(10, 100).low).toBeCloseTo(0.0552, 4);
    expect(wilson(10, 100).high).toBeCloseTo(0.1744, 4);
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('of counts agree with the exact Poisson ones within two percent', () => {
    // Exact (chi-square): 0 -> 3.689; 10 -> 4.795 to 18.390.
    expect(poisson(0).low).toBe(0);
    expect(Math.abs(poisson(0).high / 3.689 - 1)).toBeLessThan(0.02);
    expect(Math.abs(poisson(10).low / 4.795 - 1)).toBeLessThan(0.02);
    expect(Math.abs(poisson(10).high / 18.39 - 1)).toBeLessThan(0.02);
    expect(perHour(3, 0).high).toBe(Number.POSITIVE_INFINITY);
  });

  it('tell how many more of a count are likely in as many hours and in other hours', () => {
    // Of 0 and y the chance that all fall into the second half is 2^-y: 1 in 32 for 5, 1 in 64 for 6.
    expect(countAgain(0, 2, 2)).toEqual({ low: 0, high: 5 });
    expect(countAgain(10, 3, 3)).toEqual({ low: 3, high: 22 });
    expect(countAgain(10, 3, 30).low).toBeGreaterThan(40);
    expect(countAgain(0, 0, 1)).toEqual({ low: 0, high: Number.POSITIVE_INFINITY });
  });

  it('bound a rate of which nothing was heard by the rule of three', () => {
    expect(mostPerHour(0, 6)).toBeCloseTo(0.5, 1);
    expect(mostPerHour(2, 1)).toBeCloseTo(6.3, 1);
  });

  it('say how much more groups differ than chance has it, and never less than nothing', () => {
    const counted = (...counts: readonly number[]) => counts.map((count) => ({ count, of: 10 }));
    // Squares around 4: 4 times 16, by 3 for the variance, times 4 groups, over 16 counted; t of 3 degrees is 3.18.
    const effect = ((64 * 4) / 3 / 16) * (3.182 / 1.96) ** 2;
    expect(designEffect(counted(0, 8, 0, 8), 'events') / effect).toBeCloseTo(1, 1);
    // Of trials chance is less: 40% of them.
    expect(designEffect(counted(0, 8, 0, 8), 'share') / (effect / 0.6)).toBeCloseTo(1, 1);
    expect(designEffect(counted(4, 4, 4, 4), 'events')).toBe(1);
    expect(designEffect(counted(0, 0, 0), 'events')).toBe(1);
    expect(designEffect(counted(7), 'events')).toBe(1);
  });

  it('are as wide as those of as many fewer where groups differ', () => {
    expect(perHourExact(40, 8, 4).high).toBeCloseTo(perHourExact(10, 2).high, 9);
    expect(shareExact(8, 80, 4)).toEqual(shareExact(2, 20));
    const { low, high } = countAgain(10, 3, 3);
    expect(countAgain(40, 12, 12, 4)).toEqual({ low: 4 * low, high: 4 * high });
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Backoff } from '../../../src/core/backoff.js';

const waits = (backoff: Backoff, count: number) => Array.from({ length: count }, () => backoff.next());

describe('backoff', () => {
  it('doubles its bound up to the longest wait, and begins anew after a success', () => {
    const backoff = new Backoff({ firstMs: 500, maxMs: 3_000, jitter: 'full' }, () => 1);
    expect(waits(backoff, 5)).toEqual([500, 1_000, 2_000, 3_000, 3_000]);
    expect(backoff.isUnderWay).toBe(true);
    backoff.reset();
    expect(backoff.isUnderWay).toBe(false);
    expect(backoff.next()).toBe(500);
  });

  it('leaves all of a wait to chance, or its second half', () => {
    const bounds = { firstMs: 500, maxMs: 60_000 };
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat({ max: 60 }), (chance, attempts) => {
        const last = (jitter: 'full' | 'half') =>
          waits(new Backoff({ ...bounds, jitter }, () => chance), attempts + 1).at(-1) ?? Number.NaN;
        const boundMs = Math.min(60_000, 500 * 2 ** attempts);
        expect(last('full')).toBeCloseTo(chance * boundMs, 6);
        expect(last('half')).toBeCloseTo((boundMs * (1 + chance)) / 2, 6);
      }),
    );
  });

  it('never overflows, however long an outage is', () => {
    const backoff = new Backoff({ firstMs: 500, maxMs: 60_000, jitter: 'full' }, () => 1);
    expect(waits(backoff, 2_000).at(-1)).toBe(60_000);
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import { Breaker, type BreakerBounds } from '../../../src/core/breaker.js';

let nowMs = 0;
const breaker = (bounds: Partial<BreakerBounds> = {}) =>
  new Breaker(
    { failures: 3, windowMs: 60_000, halfOpenAfterMs: 30_000, ...bounds },
    { monotonicMs: () => nowMs },
  );

beforeEach(() => {
  nowMs = 0;
});

function fail(breaker: Breaker, times: number): void {
  for (let time = 0; time < times; time++) breaker.failed();
}

describe('breaker', () => {
  it('opens at the last of so many failures within its window', () => {
    const closed = breaker();
    fail(closed, 2);
    expect(closed.isOpen).toBe(false);
    closed.failed();
    expect(closed.isOpen).toBe(true);
    expect(closed.allows()).toBe(false);
  });

  it('stays closed where failures are rarer than that', () => {
    const closed = breaker();
    for (let failure = 0; failure < 10; failure++) {
      closed.failed();
      nowMs += 31_000;
    }
    expect(closed.isOpen).toBe(false);
  });

  it('lets one attempt through when it is half open, and closes by its outcome', () => {
    const opened = breaker();
    fail(opened, 3);
    nowMs = 30_000;
    expect([opened.allows(), opened.allows()]).toEqual([true, false]);
    opened.failed();
    expect(opened.allows()).toBe(false);
    nowMs = 60_000;
    expect(opened.allows()).toBe(true);
    opened.succeeded();
    expect([opened.isOpen, opened.allows()]).toEqual([false, true]);
  });

  it('lets another attempt through where one ended without an outcome', () => {
    const opened = breaker();
    fail(opened, 3);
    nowMs = 30_000;
    expect(opened.allows()).toBe(true);
    opened.abandoned();
    expect(opened.allows()).toBe(true);
  });

  it('counts failures within the window over a success, but none before a reset', () => {
    const flapping = breaker();
    fail(flapping, 2);
    flapping.succeeded();
    flapping.failed();
    expect(flapping.isOpen).toBe(true);
    const inARow = breaker({ windowMs: Number.POSITIVE_INFINITY });
    fail(inARow, 2);
    inARow.reset();
    nowMs = 1e9;
    fail(inARow, 2);
    expect(inARow.isOpen).toBe(false);
    inARow.failed();
    expect(inARow.isOpen).toBe(true);
  });
});

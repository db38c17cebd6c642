import { afterEach, describe, expect, it, vi } from 'vitest';
import { every } from '../../../../src/core/waiting.js';
import { systemTimer } from '../../../../src/runtime/process/system-clock.js';

const DAY_MS = 86_400_000;

afterEach(() => vi.useRealTimers());

describe("the machine's timer", () => {
  it('waits sixty days, which is longer than Node can at once', () => {
    vi.useFakeTimers();
    const wake = vi.fn();
    systemTimer(60 * DAY_MS, wake);
    vi.advanceTimersByTime(60 * DAY_MS - 1);
    expect(wake).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(wake).toHaveBeenCalledOnce();
  });

  it('can be cancelled in any part of a long wait', () => {
    vi.useFakeTimers();
    const wake = vi.fn();
    const cancel = systemTimer(60 * DAY_MS, wake);
    vi.advanceTimersByTime(59 * DAY_MS);
    cancel();
    vi.advanceTimersByTime(60 * DAY_MS);
    expect(wake).not.toHaveBeenCalled();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wakes together who may be woken by then, once each', () => {
    vi.useFakeTimers();
    const woken: string[] = [];
    const wake = (name: string) => () => woken.push(name);
    systemTimer(160, wake('patient'), 80);
    systemTimer(100, wake('first'), 80);
    systemTimer(240, wake('not yet'), 80);
    systemTimer(160, wake('exact'));
    systemTimer(160, wake('cancelled'), 80)();
    vi.advanceTimersByTime(99);
    expect(woken).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(woken).toEqual(['first', 'patient']);
    vi.advanceTimersByTime(140);
    expect(woken).toEqual(['first', 'patient', 'exact', 'not yet']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('does together what is done now and then, however far apart it began', () => {
    vi.useFakeTimers();
    const doneMs: number[] = [];
    const done = (): void => {
      doneMs.push(performance.now());
    };
    const ends = [0, 50, 200].map((beginMs) => {
      vi.advanceTimersByTime(beginMs);
      return every(systemTimer, 1000, done);
    });
    vi.advanceTimersByTime(5000);
    for (const end of ends) end();
    expect(doneMs.length).toBeGreaterThanOrEqual(12);
    expect(new Set(doneMs).size).toBe(doneMs.length / 3);
  });

  it('never wakes from a wait without an end', () => {
    vi.useFakeTimers();
    const wake = vi.fn();
    systemTimer(Number.POSITIVE_INFINITY, wake);
    every(systemTimer, Number.POSITIVE_INFINITY, wake);
    every(systemTimer, DAY_MS, () => {});
    vi.advanceTimersByTime(365 * DAY_MS);
    expect(wake).not.toHaveBeenCalled();
  });
});

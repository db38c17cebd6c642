import { describe, expect, it } from 'vitest';
import { Watchdog } from '../../../src/core/watchdog.js';
import { VirtualTime } from '../../../src/simulator/virtual-time.js';

function watch(patienceMs: number) {
  const time = new VirtualTime();
  let barked = 0;
  const watchdog = new Watchdog(time, patienceMs, () => barked++);
  return { time, watchdog, barked: () => barked };
}

describe('a watchdog', () => {
  it('is still while it is fed in time, and tells once when it is not', async () => {
    const { time, watchdog, barked } = watch(100);
    for (let i = 0; i < 5; i++) {
      await time.advance(90);
      watchdog.feed();
    }
    expect(barked()).toBe(0);
    await time.advance(99);
    expect(barked()).toBe(0);
    await time.advance(1000);
    expect(barked()).toBe(1);
    expect(time.waiting).toBe(0);
  });

  it('gives food that lay waiting behind its own timer one more turn', () => {
    let nowMs = 0;
    const wakes: (() => void)[] = [];
    let barked = 0;
    const timer = (_: number, wake: () => void) => {
      wakes.push(wake);
      return () => {};
    };
    const watchdog = new Watchdog({ clock: { monotonicMs: () => nowMs }, timer }, 100, () => barked++);
    nowMs = 5000;
    wakes.shift()?.();
    watchdog.feed();
    wakes.shift()?.();
    expect(barked).toBe(0);
    expect(wakes).toHaveLength(1);
  });

  it('leaves nothing behind when it is stopped', async () => {
    const { time, watchdog, barked } = watch(100);
    watchdog.stop();
    expect(time.waiting).toBe(0);
    await time.advance(1000);
    expect(barked()).toBe(0);
  });
});

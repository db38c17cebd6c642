import { describe, expect, it } from 'vitest';
import { every, Sleeper, sleep } from '../../../src/core/waiting.js';
import { VirtualTime } from '../../../src/simulator/virtual-time.js';

describe('sleep', () => {
  it('lasts as long as it is told to', async () => {
    const time = new VirtualTime();
    let isAwake = false;
    void sleep(time.timer, 100).then(() => {
      isAwake = true;
    });
    await time.advance(99);
    expect(isAwake).toBe(false);
    await time.advance(1);
    expect(isAwake).toBe(true);
  });

  it('ends at once when it is aborted, before it and in it, and leaves no timer', async () => {
    const time = new VirtualTime();
    const abort = new AbortController();
    const slept = sleep(time.timer, 100, abort.signal);
    abort.abort();
    await slept;
    await sleep(time.timer, 100, abort.signal);
    expect(time.waiting).toBe(0);
  });
});

describe('a sleeper', () => {
  it('sleeps as long as it is told to each time, at most until it is aborted, and leaves nothing behind', async () => {
    const time = new VirtualTime();
    const abort = new AbortController();
    const sleeper = new Sleeper(time.timer, abort.signal);
    const woken: number[] = [];
    const sleepAgain = async () => {
      for (const delayMs of [10, 20, 1000]) {
        await sleeper.sleep(delayMs, 0);
        woken.push(time.nowMs);
      }
    };
    const slept = sleepAgain();
    await time.advance(50);
    expect(woken).toEqual([10, 30]);
    abort.abort();
    await slept;
    await sleeper.sleep(1000, 0);
    expect(woken).toEqual([10, 30, 50]);
    expect(time.waiting).toBe(0);
  });
});

describe('every', () => {
  it('works once a period until it is ended, from within its work too', async () => {
    const time = new VirtualTime();
    let done = 0;
    const end = every(time.timer, 10, () => {
      done += 1;
      if (done === 3) end();
    });
    await time.advance(25);
    expect(done).toBe(2);
    await time.advance(100);
    expect(done).toBe(3);
    expect(time.waiting).toBe(0);
  });
});

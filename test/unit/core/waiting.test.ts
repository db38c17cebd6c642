import { describe, expect, it } from 'vitest';
import { every, sleep } from '../../../src/core/waiting.js';
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

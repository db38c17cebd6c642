import { describe, expect, it } from 'vitest';
import { Outgoing } from '../../../../src/home/mqtt/outgoing.js';

/** A broker that takes what it is given when it is told to. */
function outgoing({ queueMessages = 3, queueMs = 1000 } = {}) {
  const taken: string[] = [];
  const world = { nowMs: 0, refuses: false };
  const queue = new Outgoing({
    queueMessages,
    queueMs,
    clock: { monotonicMs: () => world.nowMs },
    send: async (topic, payload, retain) => {
      if (world.refuses) throw new Error('refused');
      taken.push(`${topic} ${payload}${retain ? ' retained' : ''}`);
    },
  });
  return { queue, taken, world, settled: () => new Promise((resolve) => setImmediate(resolve)) };
}

describe('what waits for the broker', () => {
  it('is of each state the newest, and of events the newest few; the rest is counted', async () => {
    const { queue, taken, settled } = outgoing();
    for (const level of [1, 2, 3]) queue.state('level', `${level}`);
    for (const word of ['a', 'b', 'c', 'd', 'e']) queue.event('wake', word);
    expect([queue.waiting, queue.dropped]).toEqual([3, { full: 2, late: 0 }]);
    queue.up();
    await settled();
    expect(taken).toEqual(['level 3 retained', 'wake c', 'wake d', 'wake e']);
  });

  it('is dropped when it is too old to be news', async () => {
    const { queue, taken, world, settled } = outgoing();
    queue.event('wake', 'old');
    world.nowMs = 900;
    queue.event('wake', 'young');
    world.nowMs = 1500;
    queue.up();
    await settled();
    expect([taken, queue.dropped]).toEqual([['wake young'], { full: 0, late: 1 }]);
  });

  it('is kept in its order when the broker is lost meanwhile', async () => {
    const { queue, taken, world, settled } = outgoing();
    queue.up();
    world.refuses = true;
    queue.event('wake', 'a');
    queue.event('wake', 'b');
    queue.state('mute', 'ON');
    await settled();
    queue.event('wake', 'c');
    world.refuses = false;
    queue.up();
    await settled();
    expect(taken).toEqual(['mute ON retained', 'wake a', 'wake b', 'wake c']);
  });

  it('holds no state that was told already, until somebody asks again', async () => {
    const { queue, taken, settled } = outgoing();
    queue.up();
    queue.state('mute', 'OFF');
    queue.state('mute', 'OFF');
    await settled();
    queue.again();
    await settled();
    expect(taken).toEqual(['mute OFF retained', 'mute OFF retained']);
    queue.again('mute');
    await settled();
    expect(taken).toHaveLength(2);
  });
});

import { describe, expect, it } from 'vitest';
import { Neighbours } from '../../../src/edge/neighbours.js';

/** Devices at a broker that gives everybody everything in one order, `lagMs` later, on a clock that a test owns. */
function house(names: readonly string[], lagMs = 5) {
  let nowMs = 0;
  let isAway = false;
  const alarms: { atMs: number; wake: () => void }[] = [];
  const timer = (delayMs: number, wake: () => void) => {
    const alarm = { atMs: nowMs + delayMs, wake };
    alarms.push(alarm);
    return () => void alarms.splice(alarms.indexOf(alarm), alarms.includes(alarm) ? 1 : 0);
  };
  const devices = new Map<string, Neighbours>();
  for (const device of names) {
    const tell = (message: string): void => {
      if (isAway) return;
      timer(lagMs, () => {
        for (const each of devices.values()) each.take(message);
      });
    };
    devices.set(device, new Neighbours({ device, tell, timer, clock: { monotonicMs: () => nowMs } }));
  }
  for (const each of devices.values()) for (const name of names) each.met(name, true);
  const of = (name: string) => devices.get(name) as Neighbours;
  const done: { name: string; isMine: boolean; afterMs: number }[] = [];
  return {
    of,
    done,
    hear: (name: string, confidence: number, { power = 0.1, detection = 'mic/d1' } = {}) =>
      of(name).heard({ detection, source: 'mic', label: 'alexa', confidence, power, agoMs: 400 }),
    ask: async (name: string, detection = 'mic/d1') => {
      const askedMs = nowMs;
      void of(name)
        .isMine(detection)
        .then((isMine) => done.push({ name, isMine, afterMs: nowMs - askedMs }));
      await settled();
    },
    pass: async (ms: number) => {
      for (const endMs = nowMs + ms; ; ) {
        const [next] = alarms.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs);
        nowMs = Math.max(nowMs, next?.atMs ?? endMs);
        if (next === undefined) return;
        alarms.splice(alarms.indexOf(next), 1);
        next.wake();
        await settled();
      }
    },
    /** For so long nobody does anything; what is due by then is done late. */
    holdUp: (ms: number) => {
      nowMs += ms;
    },
    breakOff: () => {
      isAway = true;
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('devices that heard the same word', () => {
  it('lets one that is alone act at once', async () => {
    const { hear, ask, done } = house(['kitchen']);
    hear('kitchen', 0.9);
    await ask('kitchen');
    expect(done).toEqual([{ name: 'kitchen', isMine: true, afterMs: 0 }]);
  });

  it('have it done by the surest, two ways through the broker after the last of all has told of it', async () => {
    const { hear, ask, done, pass } = house(['hall', 'kitchen']);
    hear('hall', 0.8);
    await ask('hall');
    await pass(60);
    hear('kitchen', 0.95);
    await ask('kitchen');
    await pass(200);
    expect(done).toEqual([
      { name: 'hall', isMine: false, afterMs: 70 },
      { name: 'kitchen', isMine: true, afterMs: 10 },
    ]);
  });

  it('wait 90 ms for a third that may be surer, and take turns by the broker: 100 ms, at most 130', async () => {
    const { hear, ask, done, pass } = house(['hall', 'kitchen', 'attic']);
    hear('hall', 0.8);
    hear('kitchen', 0.95);
    await ask('hall');
    await ask('kitchen');
    await pass(200);
    expect(done).toEqual([
      { name: 'hall', isMine: false, afterMs: 100 },
      { name: 'kitchen', isMine: true, afterMs: 100 },
    ]);
    const silent = house(['hall', 'kitchen', 'attic']);
    silent.hear('hall', 0.8);
    silent.hear('kitchen', 0.95);
    await silent.ask('hall');
    await silent.pass(200);
    expect(silent.done).toEqual([{ name: 'hall', isMine: true, afterMs: 130 }]);
  });

  it('wait for a surer one each time that the word is said', async () => {
    const { hear, ask, done, pass } = house(['hall', 'kitchen', 'attic']);
    for (const detection of ['mic/d1', 'mic/d2']) {
      done.splice(0);
      hear('hall', 0.8, { detection });
      await ask('hall', detection);
      await pass(60);
      hear('kitchen', 0.95, { detection });
      await ask('kitchen', detection);
      await pass(5000);
      expect(done.filter(({ isMine }) => isMine)).toMatchObject([{ name: 'kitchen' }]);
    }
  });

  it('wait no more for one that is gone', async () => {
    const { of, hear, ask, done, pass } = house(['hall', 'kitchen', 'attic']);
    hear('hall', 0.8);
    hear('kitchen', 0.95);
    await ask('kitchen');
    await pass(20);
    for (const name of ['hall', 'kitchen']) of(name).met('attic', false);
    await pass(5);
    expect(done).toEqual([{ name: 'kitchen', isMine: true, afterMs: 25 }]);
  });

  it('tells them apart by energy where they are as sure', async () => {
    const { hear, ask, done, pass } = house(['hall', 'kitchen', 'attic']);
    hear('hall', 0.9, { power: 0.01 });
    hear('kitchen', 0.9, { power: 0.02 });
    hear('attic', 0.9, { power: 0.005 });
    for (const name of ['hall', 'kitchen', 'attic']) await ask(name);
    await pass(200);
    expect(done.filter(({ isMine }) => isMine)).toEqual([expect.objectContaining({ name: 'kitchen' })]);
  });

  it('has it done by who asks in time, where a surer one is not done yet, and never twice', async () => {
    const { hear, ask, done, pass } = house(['hall', 'kitchen']);
    hear('hall', 0.8);
    hear('kitchen', 0.95);
    await pass(1000);
    await ask('hall');
    await pass(100);
    await ask('kitchen');
    await pass(200);
    expect(done).toEqual([
      { name: 'hall', isMine: true, afterMs: 35 },
      { name: 'kitchen', isMine: false, afterMs: 5 },
    ]);
  });

  it('leaves it to the other where nothing came of the surer one', async () => {
    const { of, hear, ask, done, pass } = house(['hall', 'kitchen']);
    hear('hall', 0.8);
    hear('kitchen', 0.95);
    await pass(500);
    of('kitchen').ended('mic/d1');
    await pass(10);
    await ask('hall');
    await pass(10);
    expect(done).toEqual([{ name: 'hall', isMine: true, afterMs: 5 }]);
  });

  it('waits for no device that is gone, and 150 ms for a broker that is', async () => {
    const { of, hear, ask, done, pass, breakOff } = house(['hall', 'kitchen']);
    hear('hall', 0.8);
    hear('kitchen', 0.95);
    await pass(500);
    of('hall').met('kitchen', false);
    await ask('hall');
    expect(done).toEqual([{ name: 'hall', isMine: true, afterMs: 0 }]);
    breakOff();
    await ask('kitchen');
    await pass(200);
    expect(done.at(-1)).toEqual({ name: 'kitchen', isMine: true, afterMs: 150 });
  });

  it('is done once by devices that are held up while the answer comes, for then it lies there unread', async () => {
    const { hear, ask, done, pass, holdUp } = house(['hall', 'kitchen'], 200);
    hear('hall', 0.8);
    hear('kitchen', 0.95);
    await pass(1000);
    await ask('hall');
    await ask('kitchen');
    await pass(100);
    holdUp(70);
    await pass(200);
    expect(done.filter(({ isMine }) => isMine)).toEqual([expect.objectContaining({ name: 'kitchen' })]);
    expect(done).toHaveLength(2);
  });
});

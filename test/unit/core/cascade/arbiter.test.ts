import { describe, expect, it } from 'vitest';
import { Arbiter, type HeardWord } from '../../../../src/core/cascade/arbiter.js';

/** A house whose time a test owns. */
function house() {
  let nowMs = 0;
  const alarms: { readonly atMs: number; readonly wake: () => void }[] = [];
  const timer = (delayMs: number, wake: () => void) => {
    alarms.push({ atMs: nowMs + delayMs, wake });
    return () => {};
  };
  const arbiter = new Arbiter(timer, () => nowMs);
  const answers: string[] = [];
  return {
    arbiter,
    answers,
    hear: (source: string, confidence: number, more: Partial<HeardWord> = {}) =>
      arbiter.heard({
        detection: `${source}/d1`,
        source,
        label: 'alexa',
        confidence,
        power: 0.1,
        agoMs: 300,
        ...more,
      }),
    /** Asks, and notes the answer when it comes. */
    ask: async (detection: string) => {
      void arbiter.isMine(detection).then((isMine) => answers.push(`${detection} ${isMine ? 'yes' : 'no'}`));
      await settled();
    },
    pass: async (ms: number) => {
      nowMs += ms;
      for (const alarm of alarms.splice(0)) {
        if (alarm.atMs <= nowMs) alarm.wake();
        else alarms.push(alarm);
      }
      await settled();
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('one order, heard by several sources', () => {
  it('is done by the only one that heard it, at once', async () => {
    const { hear, ask, answers } = house();
    hear('kitchen', 0.6);
    await ask('kitchen/d1');
    expect(answers).toEqual(['kitchen/d1 yes']);
  });

  it('is done by the surest, whoever asks first, and by nobody else', async () => {
    const { hear, ask, answers } = house();
    hear('hall', 0.8);
    hear('kitchen', 0.9);
    await ask('hall/d1');
    expect(answers).toEqual([]);
    await ask('kitchen/d1');
    expect(answers).toEqual(['hall/d1 no', 'kitchen/d1 yes']);
  });

  it('goes by loudness where both are as sure', async () => {
    const { hear, ask, answers } = house();
    hear('hall', 0.902, { power: 0.01 });
    hear('kitchen', 0.9, { power: 0.2 });
    await ask('kitchen/d1');
    await ask('hall/d1');
    expect(answers).toEqual(['kitchen/d1 yes', 'hall/d1 no']);
  });

  it('is left to the other when the surest gives up', async () => {
    const { arbiter, hear, ask, answers } = house();
    hear('hall', 0.8);
    hear('kitchen', 0.9);
    await ask('hall/d1');
    arbiter.ended('kitchen/d1');
    await settled();
    expect(answers).toEqual(['hall/d1 yes']);
  });

  it('is left to the other when the surest is gone, or hangs', async () => {
    for (const hangs of [false, true]) {
      const { arbiter, hear, ask, pass, answers } = house();
      hear('hall', 0.8);
      hear('kitchen', 0.9);
      await ask('hall/d1');
      if (hangs) await pass(3000);
      else arbiter.lost('kitchen');
      await settled();
      expect(answers).toEqual(['hall/d1 yes']);
      if (hangs) await ask('kitchen/d1');
      if (hangs) expect(answers).toEqual(['hall/d1 yes', 'kitchen/d1 no']);
    }
  });

  it('is not the surer one that comes when it was begun', async () => {
    const { hear, ask, answers } = house();
    hear('hall', 0.8);
    await ask('hall/d1');
    hear('kitchen', 0.9);
    await ask('kitchen/d1');
    expect(answers).toEqual(['hall/d1 yes', 'kitchen/d1 no']);
  });

  it('is told from another word, another time, and a second one at the same source', async () => {
    const { hear, ask, pass, answers } = house();
    hear('kitchen', 0.9);
    hear('hall', 0.8, { label: 'computer' });
    hear('kitchen', 0.9, { detection: 'kitchen/d2' });
    await pass(2500);
    hear('attic', 0.7);
    for (const detection of ['hall/d1', 'kitchen/d1', 'kitchen/d2', 'attic/d1']) await ask(detection);
    expect(answers).toEqual(['hall/d1 yes', 'kitchen/d1 yes', 'kitchen/d2 yes', 'attic/d1 yes']);
  });
});

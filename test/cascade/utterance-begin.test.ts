import { describe, expect, it } from 'vitest';
import type { CascadeDeps } from '../../src/core/cascade/cascade-deps.js';
import type { Stage } from '../../src/core/cascade/stage.js';
import type { EventOf } from '../../src/core/events/events.js';
import { LoudnessStage, ScriptedRecogniser } from '../../src/emulator/scripted.js';
import { format, frame, harness, signal } from '../support/cascade.js';
import { heardLights, listening, placing, profile, SPEECH, settle, wake } from '../support/utterance.js';

describe('an utterance', () => {
  it('begins where its wake word ends, as tiny places that, and not before', async () => {
    // Noticed at 220; the word sounds on until 360, and tiny knows at 400.
    const { play, events } = listening({ tiny: placing(new Map([[400, 355]])) });
    const inOneBreath = [
      [0, 200],
      [0.9, 160],
      [0.05, 30],
      [SPEECH, 400],
      [0, 800],
    ] as const;
    await play(format, frame(signal(...inOneBreath), 0));
    const { startSample } = events[2] as EventOf<'utterance'>;
    expect(startSample).toBeGreaterThanOrEqual(360);
    expect(startSample).toBeLessThanOrEqual(390);
  });

  it('begins at the earlier of the places at which tiny and heavy say that its wake word ends', async () => {
    const heavy = new LoudnessStage('heavy', undefined, (decision) => ({ ...decision, endSample: 260 }));
    const { play, events } = listening({ heavy, tiny: placing(new Map([[400, 355]])) });
    await play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
    const { startSample } = events[2] as EventOf<'utterance'>;
    expect(startSample).toBeGreaterThanOrEqual(255);
    expect(startSample).toBeLessThanOrEqual(300);
  });

  it('begins where heavy says that the word ends, which it is asked once the word has been told', async () => {
    const told: (readonly string[])[] = [];
    const heavy: Stage = new LoudnessStage('heavy');
    const { play, events } = listening({ heavy });
    heavy.endOf = (_window, label) => {
      told.push([label, ...events.map(({ type }) => type)]);
      return 260;
    };
    await play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
    expect(told).toEqual([['wake', 'noticed', 'verified']]);
    const { startSample } = events[2] as EventOf<'utterance'>;
    expect(startSample).toBeGreaterThanOrEqual(255);
    expect(startSample).toBeLessThanOrEqual(300);
  });

  it('begins where heavy says that the word ends, however long after it was noticed that is', async () => {
    const heavy = new LoudnessStage('heavy', undefined, (decision) => ({ ...decision, endSample: 900 }));
    const recogniser = new ScriptedRecogniser(heardLights);
    const waiting = { ...profile, verify: { windowMs: 500, tailMs: 800, againMs: null } };
    const { play, events } = harness(waiting, { recogniser, settle, heavy });
    await play(format, frame(signal([0, 200], [0.9, 680], [0.05, 30], [SPEECH, 400], [0, 800]), 0));
    const { startSample } = events[2] as EventOf<'utterance'>;
    expect(startSample).toBeGreaterThanOrEqual(880);
    expect(startSample).toBeLessThanOrEqual(910);
  });

  describe('behind a word that is believed at a later look', () => {
    /** Heavy believes at 1740 that a word ended at 1700, long after tiny heard something else end. */
    const believedLater = () => {
      const heavy: LoudnessStage = new LoudnessStage('heavy', undefined, (decision) => {
        if (decision.kind === 'abstain') return decision;
        return heavy.calls < 3 ? { ...decision, kind: 'reject' } : { ...decision, endSample: 1700 };
      });
      const verify = { windowMs: 500, tailMs: 20, againMs: 500 };
      const recogniser = new ScriptedRecogniser(heardLights);
      const tiny = placing(new Map([[400, 300]]));
      return harness({ ...profile, verify }, { recogniser, settle, heavy, tiny });
    };
    const word = [
      [0, 200],
      [0.9, 1560],
    ] as const;

    it('may begin as long after it as after any', async () => {
      const { play, events } = believedLater();
      await play(format, frame(signal(...word, [0, 700], [SPEECH, 400], [0, 800]), 0));
      expect(events.slice(1)).toMatchObject([
        { type: 'verified', sample: 1740 },
        { type: 'utterance', outcome: 'endpoint', endSample: 3020 },
        { type: 'settled' },
      ]);
    });

    it('begins where that ends, in one breath with it', async () => {
      const { play, events } = believedLater();
      await play(format, frame(signal(...word, [SPEECH, 400], [0, 800]), 0));
      const { startSample } = events[2] as EventOf<'utterance'>;
      expect(startSample).toBeGreaterThanOrEqual(1680);
      expect(startSample).toBeLessThanOrEqual(1750);
    });
  });

  it('does not begin where heavy cannot have heard the word end', async () => {
    for (const endSample of [-400, 2000]) {
      const heavy = new LoudnessStage('heavy', undefined, (decision) => ({ ...decision, endSample }));
      const { play, events } = listening({ heavy });
      await play(format, frame(signal(...wake, [SPEECH, 400], [0, 800]), 0));
      expect(events[2]).toMatchObject({ type: 'utterance', startSample: 220 });
    }
  });

  it.each<[string, NonNullable<Stage['endOf']>]>([
    ['fails when it is asked where the word ends', () => Promise.reject(new Error('died'))],
    ['is late with where the word ends', () => new Promise(() => {})],
    ['gives no number for where the word ends', () => Number.NaN],
    ['cannot tell where the word ends', () => null],
  ])('begins where it would have begun where heavy %s', async (_how, endOf) => {
    const wakes: (() => void)[] = [];
    const timer: CascadeDeps['timer'] = (_delayMs, wake) => {
      wakes.push(wake);
      return () => {};
    };
    const heavy: Stage = new LoudnessStage('heavy');
    const { play, events } = listening({ heavy, timer });
    heavy.endOf = (...asked) => {
      queueMicrotask(() => wakes.at(-1)?.());
      return endOf(...asked);
    };
    const unasked = listening();
    const spoken = frame(signal(...wake, [SPEECH, 400], [0, 800]), 0);
    await play(format, spoken);
    await unasked.play(format, spoken);
    expect(events).toEqual(unasked.events);
    expect(events.at(-1)).toMatchObject({ type: 'settled' });
  });

  it('does not begin where something else ended long after it was noticed', async () => {
    const { play, events } = listening({ tiny: placing(new Map([[1500, 1450]])) });
    await play(format, frame(signal(...wake, [SPEECH, 1400], [0, 800]), 0));
    expect(events[2]).toMatchObject({ type: 'utterance', startSample: 220 });
  });
});

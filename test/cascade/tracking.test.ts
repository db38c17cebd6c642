import { describe, expect, it } from 'vitest';
import type { Followup } from '../../src/core/cascade/profile.js';
import type { Window } from '../../src/core/cascade/stage.js';
import { LoudnessStage } from '../../src/emulator/scripted.js';
import { format, frame, gap, harness, signal } from '../support/cascade.js';

const followup: Followup = { kind: 'track', updateMs: 1000, endAfterMs: 400, lateMs: 0, maxMs: 60_000 };

/** Remembers what it is told came of what it noticed, and has something to say of a window. */
class ToldStage extends LoudnessStage {
  readonly told: string[] = [];

  confirmed(label: string, samples: number): void {
    this.told.push(`${label} for ${samples}`);
  }

  ended(): void {
    this.told.push('ended');
  }

  summarise({ startSample, data }: Window): unknown {
    return { startSample, rows: data.length };
  }
}

describe('a fault', () => {
  it('is one event however long it lasts, with begin, updates and end', async () => {
    const { play, types, events } = harness({ followup });
    await play(format, frame(signal([0, 200], [0.9, 20_000], [0, 2000]), 0));
    const count = (type: string) => types().filter((each) => each === type).length;
    expect([count('noticed'), count('verified'), count('ended')]).toEqual([1, 1, 1]);
    expect(count('updated')).toBe(20);
    expect(new Set(events.map((event) => ('detection' in event ? event.detection : '')))).toEqual(
      new Set(['test/d1']),
    );
    expect(events.at(-1)).toMatchObject({
      type: 'ended',
      startSample: 200,
      endSample: 20_200,
      sample: 20_600,
      // What was judged when it was last there.
      trail: [{ kind: 'accept', sample: 20_199 }],
    });
  });

  it('goes on over a dip that is shorter than its end', async () => {
    const { play, types } = harness({ followup });
    await play(format, frame(signal([0, 200], [0.9, 500], [0, 300], [0.9, 500], [0, 1000]), 0));
    expect(types().filter((type) => type === 'noticed' || type === 'ended')).toEqual(['noticed', 'ended']);
  });

  it('ended before its stage, which is late, said so, but not before it was verified', async () => {
    const { play, events } = harness({ followup: { ...followup, lateMs: 100 } });
    await play(format, frame(signal([0, 200], [0.9, 5000], [0, 2000], [0.9, 50], [0, 2000]), 0));
    const ended = events.filter(({ type }) => type === 'ended');
    expect(ended).toMatchObject([{ endSample: 5100 }, { endSample: 7220 }]);
  });

  it('that heavy does not confirm is never followed', async () => {
    const heavy = new LoudnessStage('heavy', { accept: 0.99, reject: 0.95 });
    const { play, types } = harness({ followup }, { heavy });
    await play(format, frame(signal([0, 200], [0.9, 5000], [0, 100]), 0));
    expect(new Set(types())).toEqual(new Set(['noticed', 'refused']));
  });

  it('is over at a gap, and noticed anew when it is still there', async () => {
    const { play, types, events } = harness({ followup });
    await play(format, frame(signal([0, 200], [0.9, 500]), 0), gap(700, 100), frame(signal([0.9, 500]), 800));
    expect(types()).toEqual([
      'noticed',
      'verified',
      'escalated',
      'gap',
      'ended',
      'noticed',
      'verified',
      'escalated',
    ]);
    expect(events[4]).toMatchObject({ type: 'ended', endSample: 700 });
    expect(events[5]).toMatchObject({ detection: 'test/d2', sample: 820 });
  });

  it('is over when the source is', async () => {
    const { cascade, play, events } = harness({ followup });
    await play(format, frame(signal([0, 200], [0.9, 500]), 0));
    await cascade.finish();
    expect(events.at(-1)).toMatchObject({ type: 'ended', endSample: 700 });
  });

  it('that stands for ever is ended at its deadline', async () => {
    const { play, types } = harness({ followup: { ...followup, maxMs: 3000 } });
    await play(format, frame(signal([0.9, 4000]), 0));
    expect(types()).toContain('ended');
  });

  it('with a local answer is settled here, without an utterance', async () => {
    const { play, events } = harness({
      followup,
      policy: {
        escalateOn: ['unknown-fault'],
        believeUncertain: false,
        believeTinyAlone: true,
        minConfidence: 0.5,
        longUtteranceMs: 6000,
        answers: { wake: 'valve.open' },
      },
    });
    await play(format, frame(signal([0, 200], [0.9, 500]), 0));
    expect(events[2]).toMatchObject({ type: 'settled', intent: 'valve.open', reasons: ['known-fault'] });
  });

  it('is told to tiny when it is believed and when it is over', async () => {
    const tiny = new ToldStage('tiny');
    const { play } = harness({ followup }, { tiny });
    await play(format, frame(signal([0, 200], [0.9, 1000], [0, 1000]), 0));
    expect(tiny.told).toEqual(['wake for 20', 'ended']);
  });

  it('is told to tiny as over at a gap, too', async () => {
    const tiny = new ToldStage('tiny');
    const { play } = harness({ followup }, { tiny });
    await play(format, frame(signal([0, 200], [0.9, 1000]), 0), gap(1200, 100));
    expect(tiny.told).toEqual(['wake for 20', 'ended']);
  });

  it('is confirmed by nobody where tiny is alone, and so not told to it', async () => {
    const tiny = new ToldStage('tiny');
    const { play, types } = harness({ followup }, { tiny, heavy: null });
    await play(format, frame(signal([0, 200], [0.9, 1000], [0, 1000]), 0));
    expect(types()).toContain('ended');
    expect(tiny.told).toEqual([]);
  });

  it('goes on where tiny fails at being told', async () => {
    const tiny = new ToldStage('tiny');
    const fail = () => {
      throw new Error('no room to remember it');
    };
    tiny.confirmed = fail;
    tiny.summarise = fail;
    const { play, types, escalations } = harness({ followup }, { tiny });
    await play(format, frame(signal([0, 200], [0.9, 1000], [0, 1000]), 0));
    expect(types()).toContain('ended');
    expect(escalations).toMatchObject([{ summary: null }]);
  });

  it('carries what tiny says of the signal to the uplink', async () => {
    const { play, escalations } = harness({ followup }, { tiny: new ToldStage('tiny') });
    await play(format, frame(signal([0, 600], [0.9, 500]), 0));
    expect(escalations).toMatchObject([{ clip: null, summary: { startSample: 120, rows: 500 } }]);
  });
});

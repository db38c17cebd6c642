import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../src/core/events/events.js';
import { nullMeter } from '../../src/core/metering/meter.js';
import type { SourceItem } from '../../src/core/signal/frame.js';
import { LoudnessStage } from '../../src/emulator/scripted.js';
import { format, frame, gap, HOP, harness, signal } from '../support/cascade.js';

const word = signal([0, 200], [0.9, 100], [0, 700]);

describe('a detection', () => {
  it('is noticed by tiny, verified by heavy and stands once', async () => {
    const { play, types, events } = harness();
    await play(format, frame(word, 0));
    expect(types()).toEqual(['noticed', 'verified', 'escalated']);
    const verified = events[1] as EventOf<'verified'>;
    expect(verified.trail.map(({ stage, kind }) => [stage, kind])).toEqual([
      ['tiny', 'accept'],
      ['heavy', 'accept'],
    ]);
    expect(verified).toMatchObject({ startSample: 200, sample: 220, degraded: false });
  });

  it('is refused when heavy rejects it', async () => {
    const heavy = new LoudnessStage('heavy', { accept: 0.99, reject: 0.95 });
    const { play, types } = harness({}, { heavy });
    await play(format, frame(word, 0));
    expect(types()).toEqual(['noticed', 'refused']);
  });

  it('needs as many hops as the debounce says', async () => {
    const { play, types } = harness();
    await play(format, frame(signal([0, 200], [0.9, HOP], [0, 500]), 0));
    expect(types()).toEqual([]);
  });

  it('is followed by another only after the score has fallen', async () => {
    const { play, types } = harness();
    await play(format, frame(signal([0, 100], [0.9, 1500]), 0));
    expect(types().filter((type) => type === 'noticed')).toHaveLength(1);
    await play(frame(signal([0, 100], [0.9, 100]), 1600));
    expect(types().filter((type) => type === 'noticed')).toHaveLength(2);
  });

  it('is not followed by another within the refractory time, though the score fell', async () => {
    const { play, types } = harness();
    await play(format, frame(signal([0.9, 50], [0, 50], [0.9, 50], [0, 400], [0.9, 50]), 0));
    expect(types().filter((type) => type === 'noticed')).toHaveLength(2);
  });
});

describe('a gap', () => {
  it('lets no detection span it', async () => {
    const { play, types } = harness();
    await play(
      format,
      frame(signal([0, 100], [0.9, HOP]), 0),
      gap(110, 50),
      frame(signal([0.9, HOP], [0, 90]), 160),
    );
    expect(types()).toEqual(['gap']);
  });

  it('resets every stage', async () => {
    const tiny = new LoudnessStage('tiny');
    const heavy = new LoudnessStage('heavy');
    const { play } = harness({}, { tiny, heavy });
    await play(format, frame(signal([0, 100]), 0), gap(100, 0));
    expect([tiny.resets, heavy.resets]).toEqual([1, 1]);
  });

  it('is lost signal, unless nobody was to hear it', async () => {
    let lost = 0;
    const count = (samples: number): void => {
      lost += samples;
    };
    const meter = { ...nullMeter, lost: count };
    const { play } = harness({}, { meter });
    const reasons = ['lost', 'muted', 'gated', 'overrun'] as const;
    const gaps = reasons.map((reason, index): SourceItem => {
      return { kind: 'gap', source: 'test', sample: 100 + 50 * index, lostSamples: 50, reason };
    });
    await play(format, frame(signal([0, 100]), 0), ...gaps);
    expect(lost).toBe(100);
  });

  it('is found by the engine itself where a frame begins late', async () => {
    const { play, events } = harness();
    await play(format, frame(signal([0, 100]), 0), frame(signal([0, 100]), 150));
    expect(events).toMatchObject([{ type: 'gap', sample: 100, lostSamples: 50, reason: 'lost' }]);
  });
});

describe('chunks', () => {
  it('of any length give the same events', async () => {
    const whole = harness();
    await whole.play(format, frame(word, 0));
    const pieces = harness();
    const items: SourceItem[] = [format];
    for (let at = 0; at < word.length; at += 7) items.push(frame(word.slice(at, at + 7), at));
    await pieces.play(...items);
    expect(pieces.events).toEqual(whole.events);
  });
});

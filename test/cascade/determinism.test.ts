import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CascadeProfile } from '../../src/core/cascade/profile.js';
import { canonicalLine } from '../../src/core/events/canonical.js';
import { cascadeEventSchema } from '../../src/core/events/event-schema.js';
import type { SourceItem } from '../../src/core/signal/frame.js';
import { LoudnessStage, ScriptedRecogniser } from '../../src/emulator/scripted.js';
import { format, frame, gap, harness, signal } from '../support/cascade.js';

const profile: Partial<CascadeProfile> = {
  gate: {
    fromHz: 200,
    openDb: 6,
    holdMs: 80,
    preRollMs: 50,
    lowestFloorDb: -60,
    riseDbPerSecond: 2,
    napMs: 0,
  },
  verify: { windowMs: 300, tailMs: 30, againMs: null },
  followup: { kind: 'utterance', leadMs: 20, endSilenceMs: 200, startTimeoutMs: 500, maxMs: 1500 },
};

/** Stretches of loudness, some of which are lost. */
const stretches = fc.array(
  fc.record({
    level: fc.constantFrom(0, 0.001, 0.1, 0.35, 0.5, 0.7, 0.9),
    durationMs: fc.integer({ min: 1, max: 400 }),
    lost: fc.boolean(),
  }),
  { minLength: 1, maxLength: 25 },
);
const cuts = fc.array(fc.integer({ min: 1, max: 173 }), { minLength: 1, maxLength: 40 });

type Stretches = readonly { readonly level: number; readonly durationMs: number; readonly lost: boolean }[];

/** The stretches as items, each cut into frames of these lengths in turn. */
function itemsOf(parts: Stretches, lengths: readonly number[]): SourceItem[] {
  const items: SourceItem[] = [format];
  let sample = 0;
  let turn = 0;
  for (const { level, durationMs, lost } of parts) {
    if (lost && level > 0.4) {
      items.push(gap(sample, durationMs));
      sample += durationMs;
      continue;
    }
    const data = signal([level, durationMs]);
    for (let at = 0; at < data.length; turn++) {
      const length = lengths[turn % lengths.length] as number;
      const piece = data.slice(at, at + length);
      items.push(frame(piece, sample + at));
      at += piece.length;
    }
    sample += durationMs;
  }
  return items;
}

/** The canonical log; stages answer at once, or after as many turns of the event loop as `jitter` says. */
async function logOf(items: readonly SourceItem[], jitter: readonly number[] | null): Promise<string[]> {
  let turn = 0;
  const late = async <T>(answer: T): Promise<T> => {
    const turns = jitter?.[turn++ % jitter.length] ?? 0;
    for (let i = 0; i < turns % 4; i++) await new Promise((resolve) => setImmediate(resolve));
    return answer;
  };
  const stage = (name: string) => new LoudnessStage(name, undefined, jitter === null ? undefined : late);
  const { cascade, events, play } = harness(profile, {
    tiny: stage('tiny'),
    heavy: stage('heavy'),
    recogniser: new ScriptedRecogniser({ kind: 'transcript', stage: 'words', text: 'on', confidence: 0.9 }),
  });
  await play(...items);
  await cascade.finish();
  for (const event of events) cascadeEventSchema.parse(event);
  return events.map(canonicalLine);
}

describe('the same samples', () => {
  it('give the same events from any chunks', async () => {
    await fc.assert(
      fc.asyncProperty(stretches, cuts, async (parts, lengths) => {
        expect(await logOf(itemsOf(parts, lengths), null)).toEqual(
          await logOf(itemsOf(parts, [100_000]), null),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('give the same events however long the stages take to answer', async () => {
    await fc.assert(
      fc.asyncProperty(stretches, cuts, async (parts, lengths) => {
        const items = itemsOf(parts, lengths);
        expect(await logOf(items, lengths)).toEqual(await logOf(items, null));
      }),
      { numRuns: 25 },
    );
  });

  it('never give a detection whose trail and utterance lie on both sides of a gap', async () => {
    await fc.assert(
      fc.asyncProperty(stretches, cuts, async (parts, lengths) => {
        const items = itemsOf(parts, lengths);
        const { cascade, events, play } = harness(profile);
        await play(...items);
        await cascade.finish();
        const gaps = events.flatMap((event) => (event.type === 'gap' ? [event.sample] : []));
        for (const event of events) {
          if (event.type !== 'utterance' && event.type !== 'verified') continue;
          const crossed = gaps.filter((at) => event.startSample < at && at < event.sample);
          expect(crossed).toEqual([]);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('a signal that changes', () => {
  it('its rate breaks off there and goes on with its clock', async () => {
    const { play, events, types } = harness();
    await play(format, frame(signal([0, 200], [0.9, 10]), 0));
    await play({ ...format, rateHz: 2000 }, { ...frame(signal([0.9, 10], [0, 90]), 210), rateHz: 2000 });
    expect(events).toMatchObject([{ type: 'gap', sample: 210, reason: 'format' }]);
    await play({ ...frame(signal([0.9, 100]), 310), rateHz: 2000 });
    expect(types()).toEqual(['gap', 'noticed', 'verified', 'escalated']);
    expect(events[1]).toMatchObject({ sample: 330, atMs: 165 });
  });
});

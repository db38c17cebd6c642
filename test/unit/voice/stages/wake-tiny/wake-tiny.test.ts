import { describe, expect, it } from 'vitest';
import type { Judgement } from '../../../../../src/core/cascade/stage.js';
import { voiceSchema } from '../../../../../src/runtime/config.js';
import { voicePlan } from '../../../../../src/runtime/plan.js';
import { createStage } from '../../../../../src/runtime/stages.js';
import { readAudio } from '../../../../../src/sources/recording/read-audio.js';

const HOP = 1280;
const FRAME = 320;

/** What tiny says of each hop of `two-words.wav`, heard from some samples later on. */
async function judged(lateSamples: number): Promise<readonly Judgement[]> {
  const { tiny: spec } = await voicePlan(voiceSchema.parse({ kind: 'voice' }));
  const tiny = await createStage(spec);
  const samples = (await readAudio('fixtures/voice/two-words.wav')).subarray(lateSamples);
  const found: Judgement[] = [];
  for (let at = 0; at + HOP <= samples.length; at += HOP) {
    const data = samples.subarray(at, at + HOP);
    const window = { source: 'test', startSample: at, rateHz: 16_000, channels: 1, data };
    const decision = await tiny.decide(window, new AbortController().signal);
    if (decision.kind === 'abstain') throw new Error('expected a decision');
    found.push({ ...decision });
  }
  await tiny.dispose();
  return found;
}

/** The highest score of each label that is not refused. */
async function heardFrom(lateSamples: number): Promise<ReadonlyMap<string, number>> {
  const highest = new Map<string, number>();
  for (const { kind, label, score } of await judged(lateSamples)) {
    if (kind !== 'reject') highest.set(label, Math.max(highest.get(label) ?? 0, score));
  }
  return highest;
}

describe('wake-tiny', () => {
  it('hears a word the same wherever it begins between two hops', async () => {
    const onTheHop = await heardFrom(0);
    for (const frames of [1, 2, 3]) {
      const later = await heardFrom(frames * FRAME);
      for (const said of ['jarvis', 'alexa'])
        expect(later.get(said)).toBeCloseTo(onTheHop.get(said) ?? Number.NaN, 1);
    }
  });

  it('tells where a word ended, about the same wherever it begins between two hops', async () => {
    const endsFrom = async (late: number) =>
      (await judged(late)).flatMap(({ endSample }) => (endSample === undefined ? [] : [endSample + late]));
    const [jarvis = 0, alexa = 0] = await endsFrom(0);
    const [later = 0, laterStill = 0] = await endsFrom(FRAME);
    expect(Math.abs(later - jarvis)).toBeLessThan(FRAME);
    expect(Math.abs(laterStill - alexa)).toBeLessThan(FRAME);
  });
});

import { describe, expect, it } from 'vitest';
import { voiceSchema } from '../../../../../src/runtime/config.js';
import { voicePlan } from '../../../../../src/runtime/plan.js';
import { createStage } from '../../../../../src/runtime/stages.js';
import { readAudio } from '../../../../../src/sources/recording/read-audio.js';

const HOP = 1280;
const FRAME = 320;

/** What tiny takes for a word in `two-words.wav`, heard from some samples later on: the highest score of each label. */
async function heardFrom(lateSamples: number): Promise<ReadonlyMap<string, number>> {
  const { tiny: spec } = await voicePlan(voiceSchema.parse({ kind: 'voice' }));
  const tiny = await createStage(spec);
  const samples = (await readAudio('fixtures/voice/two-words.wav')).subarray(lateSamples);
  const highest = new Map<string, number>();
  for (let at = 0; at + HOP <= samples.length; at += HOP) {
    const data = samples.subarray(at, at + HOP);
    const window = { source: 'test', startSample: at, rateHz: 16_000, channels: 1, data };
    const decision = await tiny.decide(window, new AbortController().signal);
    if (decision.kind === 'abstain') throw new Error('expected a decision');
    if (decision.kind === 'reject') continue;
    highest.set(decision.label, Math.max(highest.get(decision.label) ?? 0, decision.score));
  }
  await tiny.dispose();
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
});

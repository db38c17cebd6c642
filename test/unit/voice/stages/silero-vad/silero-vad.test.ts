import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stage, Window } from '../../../../../src/core/cascade/stage.js';
import { loudestBlockDb } from '../../../../../src/core/signal/gate.js';
import { audioOf, music, noise, SPOKEN } from '../../../../support/sounds.js';
import { endpointer } from '../../../../support/stages.js';

const RATE_HZ = 16_000;
const HOP = 1280;
const never = new AbortController().signal;

let stage: Stage;
beforeAll(async () => {
  stage = await endpointer('silero');
});
afterAll(() => stage.dispose());

/** The probability of speech after each hop. */
async function heard(
  audio: Float32Array,
  hopSamples = HOP,
  about: Pick<Window, 'voiceDb'> = {},
): Promise<number[]> {
  stage.reset();
  const probabilities: number[] = [];
  for (let start = 0; start + hopSamples <= audio.length; start += hopSamples) {
    const data = audio.subarray(start, start + hopSamples);
    const window = { source: 'test', startSample: start, rateHz: RATE_HZ, channels: 1, data, ...about };
    const decision = await stage.decide(window, never);
    if (decision.kind === 'abstain') throw new Error(decision.code);
    probabilities.push(decision.confidence);
  }
  return probabilities;
}

const above = (probabilities: readonly number[]) =>
  probabilities.filter((value) => value >= 0.5).length / probabilities.length;

describe('the speech stage', () => {
  it('hears a voice in a sentence, and none in noise, a hum or music', async () => {
    const spoken = (await audioOf('settled')).subarray(SPOKEN.startSample, SPOKEN.endSample);
    expect(above(await heard(spoken))).toBeGreaterThan(0.6);
    expect(above(await heard(noise(4 * RATE_HZ, 0.05)))).toBe(0);
    expect(above(await heard(music(4 * RATE_HZ, 0.05)))).toBeLessThan(0.1);
  });

  it('hears a voice that is quiet, where it is told how quiet, and no more noise for it', async () => {
    const spoken = (await audioOf('settled')).subarray(SPOKEN.startSample, SPOKEN.endSample);
    const quiet = spoken.map((value) => value / 300);
    const voiceDb = loudestBlockDb(quiet, RATE_HZ, null);
    expect(above(await heard(quiet))).toBeLessThan(0.2);
    expect(above(await heard(quiet, HOP, { voiceDb }))).toBeGreaterThan(0.6);
    expect(above(await heard(noise(4 * RATE_HZ, 0.05 / 300), HOP, { voiceDb }))).toBe(0);
    const nothing = { voiceDb: loudestBlockDb(new Float32Array(HOP), RATE_HZ, null) };
    expect(above(await heard(new Float32Array(RATE_HZ), HOP, nothing))).toBe(0);
  });

  it('gives the same from any hops, at the samples where both end a chunk', async () => {
    const audio = (await audioOf('settled')).subarray(0, 40 * HOP);
    const short = await heard(audio, 512);
    const long = await heard(audio, 2560);
    const highest = long.map((_, i) => Math.max(...short.slice(5 * i, 5 * i + 5)));
    expect(long).toEqual(highest);
  });

  it('begins anew where a hop does not follow the last one', async () => {
    const audio = (await audioOf('settled')).subarray(SPOKEN.startSample, SPOKEN.endSample);
    const at = (startSample: number) =>
      stage.decide(
        { source: 'test', startSample, rateHz: RATE_HZ, channels: 1, data: audio.subarray(0, HOP) },
        never,
      );
    stage.reset();
    const first = await at(0);
    await at(HOP);
    expect(await at(10 * HOP)).toEqual(first);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Recogniser } from '../../../../../src/core/cascade/stage.js';
import { readAudio } from '../../../../../src/sources/recording/read-audio.js';
import { loops } from '../../../../../src/voice/stages/moonshine/moonshine.js';
import { recogniser as openRecogniser } from '../../../../support/stages.js';

const RATE_HZ = 16_000;

function noise(seconds: number, level: number): Float32Array {
  let seed = 3;
  return Float32Array.from({ length: seconds * RATE_HZ }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return level * (seed / 2 ** 31 - 1);
  });
}

describe('a decoder caught in a loop', () => {
  it('is one that says the same thing more often than people do', () => {
    expect(loops([7, 7, 7, 7])).toBe(true);
    expect(loops([9, 7, 8, 7, 8, 7, 8, 7, 8])).toBe(true);
    const sentence = [1, 2, 3, 4, 5, 6, 7, 8];
    expect(loops([...sentence, ...sentence, ...sentence])).toBe(true);
  });

  it('is not one that repeats a word or a phrase', () => {
    expect(loops([7, 7, 7])).toBe(false);
    expect(loops([1, 2, 3, 1, 2, 3, 4])).toBe(false);
    expect(loops([])).toBe(false);
  });
});

describe('Moonshine', () => {
  let recogniser: Recogniser;
  const recognise = (data: Float32Array, signal = new AbortController().signal) =>
    recogniser.recognise({ source: 's', startSample: 0, rateHz: RATE_HZ, channels: 1, data }, signal);

  beforeAll(async () => {
    recogniser = await openRecogniser('moonshine');
  });
  afterAll(() => recogniser.dispose());

  it('invents no words from silence, hiss, or almost nothing', async () => {
    for (const data of [new Float32Array(RATE_HZ), noise(2, 0.05), noise(2, 0.9), new Float32Array(10)]) {
      expect(await recognise(data)).toEqual({ kind: 'empty', stage: 'moonshine' });
    }
  });

  it('abstains on samples that are not numbers, and when it is told to stop', async () => {
    const bad = noise(1, 0.1);
    bad[500] = Number.NaN;
    expect(await recognise(bad)).toEqual({ kind: 'abstain', stage: 'moonshine', code: 'MODEL_OUTPUT' });
    const stopped = await recognise(noise(1, 0.1), AbortSignal.abort());
    expect(stopped).toEqual({ kind: 'abstain', stage: 'moonshine', code: 'STAGE_TIMEOUT' });
  });

  it('understands an order behind its wake word without that, whatever the word is called', async () => {
    const whole = await readAudio('fixtures/voice/two-words.wav');
    const word = whole.subarray(128_000, 141_000);
    const order = whole.subarray(146_000, 167_000);
    const heard = (label: string, data: Float32Array) =>
      recogniser.recognise(
        {
          source: 's',
          startSample: 0,
          rateHz: RATE_HZ,
          channels: 1,
          data,
          wakeWord: { label, data: word },
        },
        new AbortController().signal,
      );
    for (const label of ['alexa', 'word_of_mine_7'])
      expect(await heard(label, order)).toMatchObject({
        kind: 'transcript',
        text: expect.stringMatching(/^stop the music/i),
      });
    expect(await heard('alexa', order.subarray(0, 800))).toEqual({ kind: 'empty', stage: 'moonshine' });
  });
});

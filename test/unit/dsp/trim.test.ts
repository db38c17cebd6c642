import { describe, expect, it } from 'vitest';
import { findWord, loudSpan } from '../../../src/dsp/trim.js';

const RATE_HZ = 16_000;

/** Two seconds of faint hiss with tones `[from, to, level]`, seconds. */
function utterance(...sounds: readonly (readonly [number, number, number])[]): Float32Array {
  let seed = 3;
  const data = Float32Array.from({ length: RATE_HZ * 2 }, () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return 0.001 * (seed / 2 ** 31 - 1);
  });
  for (const [from, to, level] of sounds) {
    for (let i = from * RATE_HZ; i < to * RATE_HZ; i++) data[i] = level * Math.sin(i / 3);
  }
  return data;
}

const seconds = (from: number, to: number) => ({ start: from * RATE_HZ, end: to * RATE_HZ });

describe('trimming to what is loud', () => {
  it('keeps the sound and a margin on both sides', () => {
    expect(loudSpan(utterance([0.8, 1, 0.5]), RATE_HZ, 30, 100)).toEqual(seconds(0.7, 1.1));
  });

  it('keeps everything where all is equally loud, and nothing of nothing', () => {
    expect(loudSpan(utterance(), RATE_HZ, 30, 100)).toEqual(seconds(0, 2));
    expect(loudSpan(new Float32Array(500), RATE_HZ, 30, 100)).toEqual({ start: 0, end: 500 });
    expect(loudSpan(new Float32Array(0), RATE_HZ, 30, 100)).toEqual({ start: 0, end: 0 });
  });
});

describe('the one word of an utterance', () => {
  const find = (data: Float32Array) => findWord(data, RATE_HZ);
  const alone = (from: number, to: number) => ({ word: seconds(from, to), rivals: [] });

  it('is found with the silence of a closed consonant inside it', () => {
    expect(find(utterance([0.6, 0.8, 0.5], [1, 1.1, 0.1]))).toEqual(alone(0.6, 1.1));
  });

  it('is not mistaken for the click of a key or a breath beside it', () => {
    const clicked = utterance([0.02, 0.08, 0.6], [0.8, 1.2, 0.5], [1.7, 1.98, 0.04]);
    expect(find(clicked)).toEqual(alone(0.8, 1.2));
  });

  it('is found again where babble beside it makes it too long at first', () => {
    expect(find(utterance([0, 0.6, 0.04], [0.6, 1, 0.5], [1, 1.9, 0.04]))).toEqual(alone(0.6, 1));
  });

  it('comes with what else is loud and long enough to be a word', () => {
    expect(find(utterance([0.2, 0.6, 0.4], [1.2, 1.6, 0.5]))).toEqual({
      word: seconds(1.2, 1.6),
      rivals: [seconds(0.2, 0.6)],
    });
  });

  it('is none where it is too long, among many, and where nothing sounds', () => {
    expect(find(utterance([0.2, 1.8, 0.5]))).toBeNull();
    const many = [0, 0.5, 1, 1.5].map((from) => [from, from + 0.2, 0.5] as const);
    expect(find(utterance(...many, [1.95, 2, 0.5]))).not.toBeNull();
    const five = [0, 0.42, 0.84, 1.26, 1.68].map((from) => [from, from + 0.17, 0.5] as const);
    expect(find(utterance(...five))).toBeNull();
    expect(find(new Float32Array(RATE_HZ))).toBeNull();
    expect(find(new Float32Array(0))).toBeNull();
  });
});

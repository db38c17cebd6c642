import { describe, expect, it } from 'vitest';
import { endOfSpeech, mixNoise, padded, seededRandom } from '../../../src/bench/audio.js';

describe('mixing noise', () => {
  const word = new Float32Array(16_000);
  for (let i = 4000; i < 12_000; i++) word[i] = 0.2 * Math.sin(i / 3);
  const noise = Float32Array.from({ length: 5000 }, (_, i) => 0.01 * Math.sin(i * i));
  const powerOf = (samples: Float32Array) => samples.reduce((sum, x) => sum + x * x, 0) / samples.length;

  it('reaches the wanted ratio of speech to noise, in the margins too, the same every time', () => {
    const mix = () => mixNoise(word, noise, { snrDb: 10, lead: 8000, tail: 8000, random: seededRandom('a') });
    const mixed = mix();
    expect(mix()).toEqual(mixed);
    const speech = powerOf(word.subarray(4000, 12_000));
    expect(10 * Math.log10(speech / powerOf(mixed.subarray(0, 8000)))).toBeCloseTo(10, 0);
    expect(mixed.length).toBe(32_000);
  });

  it('finds the end of a word, and pads with what no microphone is quieter than', () => {
    expect(endOfSpeech(word)).toBeCloseTo(12_000, -2.6);
    const whole = padded(word, 100, 50, seededRandom('b'));
    expect(whole.length).toBe(16_150);
    expect(Math.max(...whole.subarray(0, 100))).toBeGreaterThan(0);
  });
});

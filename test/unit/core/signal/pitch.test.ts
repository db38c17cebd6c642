import { describe, expect, it } from 'vitest';
import { mulberry32 } from '../../../../src/core/random.js';
import { pitchOf } from '../../../../src/core/signal/pitch.js';

const RATE_HZ = 16_000;

/** A second of a voice: harmonics of a pitch, of which the lowest ones may be missing as over the telephone. */
function voice(pitchHz: number, lowestHz = 0): Float32Array {
  return Float32Array.from({ length: RATE_HZ }, (_, i) => {
    let value = 0;
    for (let hz = pitchHz; hz < 3_500; hz += pitchHz)
      if (hz >= lowestHz) value += (0.05 * Math.sin((2 * Math.PI * hz * i) / RATE_HZ)) / (1 + hz / 1_000);
    return value;
  });
}

describe('how high a voice is', () => {
  it.each([80, 110, 175, 240, 380])('is told of %d Hz', (pitchHz) => {
    expect(pitchOf(voice(pitchHz), RATE_HZ)).toBeCloseTo(pitchHz, -0.5);
  });

  it('is told where the fundamental is missing, as over the telephone', () => {
    expect(pitchOf(voice(110, 300), RATE_HZ)).toBeCloseTo(110, -0.5);
  });

  it('is told beside silence and at another rate', () => {
    const samples = new Float32Array(2 * RATE_HZ);
    samples.set(voice(140).subarray(0, RATE_HZ / 2), RATE_HZ);
    expect(pitchOf(samples, RATE_HZ)).toBeCloseTo(140, -0.5);
    expect(pitchOf(voice(140), 2 * RATE_HZ)).toBeCloseTo(280, -0.5);
  });

  it('is not told of noise, of silence, of missing values or of too little', () => {
    const random = mulberry32(1);
    expect(
      pitchOf(
        new Float32Array(RATE_HZ).map(() => random() - 0.5),
        RATE_HZ,
      ),
    ).toBeNull();
    expect(pitchOf(new Float32Array(RATE_HZ), RATE_HZ)).toBeNull();
    expect(pitchOf(new Float32Array(RATE_HZ).fill(Number.NaN), RATE_HZ)).toBeNull();
    expect(pitchOf(voice(140).subarray(0, 500), RATE_HZ)).toBeNull();
    expect(pitchOf(new Float32Array(0), RATE_HZ)).toBeNull();
  });

  it.each([1, 24, 500])('is not told of %d samples a second, which carry no voice', (rateHz) => {
    expect(pitchOf(voice(110), rateHz)).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { HighPass } from '../../../../src/core/signal/high-pass.js';

const RATE_HZ = 16_000;

function tone(hz: number, offset = 0): Float32Array {
  return Float32Array.from(
    { length: RATE_HZ },
    (_, i) => offset + 0.1 * Math.sin((2 * Math.PI * hz * i) / RATE_HZ),
  );
}

function filtered(samples: Float32Array, filter = new HighPass(50, RATE_HZ)): Float32Array {
  const data = Float32Array.from(samples);
  filter.apply(data);
  return data;
}

/** How much of a tone comes through once the filter has settled, dB. */
function throughDb(hz: number): number {
  const power = (samples: Float32Array) => samples.subarray(RATE_HZ / 2).reduce((sum, x) => sum + x * x, 0);
  return 10 * Math.log10(power(filtered(tone(hz))) / power(tone(hz)));
}

describe('HighPass', () => {
  it('takes a constant off from the first sample on, without a thump', () => {
    const silent = filtered(new Float32Array(2000).fill(0.1));
    expect(Math.max(...silent.map(Math.abs))).toBeLessThan(1e-6);
    const clean = filtered(tone(300));
    filtered(tone(300, 0.1)).forEach((value, i) => {
      expect(Math.abs(value - (clean[i] ?? Number.NaN))).toBeLessThan(1e-5);
    });
  });

  it('is 3 dB down at its corner, lets voices through and takes rumble away', () => {
    expect(throughDb(50)).toBeCloseTo(-3, 0);
    expect(throughDb(200)).toBeGreaterThan(-0.1);
    expect(throughDb(12)).toBeLessThan(-24);
  });

  it('gives the same samples however the signal is cut, and begins anew when told', () => {
    const signal = tone(100, 0.05);
    const whole = filtered(signal);
    const filter = new HighPass(50, RATE_HZ);
    const pieces = [signal.slice(0, 7), signal.slice(7, 1287), signal.slice(1287)];
    for (const piece of pieces) filter.apply(piece);
    expect(pieces.flatMap((piece) => [...piece])).toEqual([...whole]);
    filter.reset();
    expect(filtered(signal, filter)).toEqual(whole);
  });
});

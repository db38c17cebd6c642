import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Resampler } from '../../../src/dsp/resample.js';
import { sine } from '../../support/wav.js';

const RATES_HZ = [8000, 11_025, 22_050, 32_000, 44_100, 48_000, 96_000];

function convert(samples: Float32Array, fromHz: number, toHz = 16_000): Float32Array {
  const resampler = new Resampler(fromHz, toHz);
  return Float32Array.from([...resampler.push(samples).slice(), ...resampler.flush()]);
}

/** Largest value away from the ends, where the filter has only signal under it. */
function peak(samples: Float32Array): number {
  return samples
    .slice(samples.length / 4, (3 * samples.length) / 4)
    .reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

describe('resampling to 16 kHz', () => {
  it.each(RATES_HZ)('from %i Hz gives as many samples as the duration says', (rateHz) => {
    expect(convert(new Float32Array(rateHz), rateHz)).toHaveLength(16_000);
  });

  it.each(RATES_HZ)('from %i Hz passes 90%% of the band within 0.1 dB, in place', (rateHz) => {
    const bandHz = 0.45 * Math.min(rateHz, 16_000);
    for (const frequencyHz of [100, 1000, bandHz / 2, bandHz]) {
      const found = convert(sine(frequencyHz, rateHz, rateHz, 0.5), rateHz);
      const wanted = sine(frequencyHz, 16_000, 16_000, 0.5);
      const error = peak(found.map((value, i) => value - (wanted[i] as number)));
      // 0.1 dB of an amplitude of 0.5.
      expect(error).toBeLessThan(0.5 * (10 ** (0.1 / 20) - 1));
    }
  });

  it.each(RATES_HZ.filter((rateHz) => rateHz > 16_000))(
    'from %i Hz keeps what lies above 8 kHz 75 dB down',
    (rateHz) => {
      for (const frequencyHz of [8100, 10_000, 0.49 * rateHz]) {
        if (frequencyHz >= rateHz / 2) continue;
        const found = convert(sine(frequencyHz, rateHz, rateHz, 1), rateHz);
        expect(20 * Math.log10(peak(found))).toBeLessThan(-75);
      }
    },
  );

  it('gives the same samples however the input is cut', () => {
    const input = sine(700, 44_100, 5000);
    const whole = convert(input, 44_100);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1 }), (cuts) => {
        const resampler = new Resampler(44_100, 16_000);
        const found: number[] = [];
        let at = 0;
        for (const cut of cuts) {
          found.push(...resampler.push(input.subarray(at, at + cut)));
          at += cut;
        }
        found.push(...resampler.push(input.subarray(at)), ...resampler.flush());
        expect(Float32Array.from(found)).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('starts anew after a reset', () => {
    const resampler = new Resampler(48_000, 16_000);
    const first = resampler.push(sine(500, 48_000, 3000)).slice();
    resampler.flush();
    resampler.reset();
    expect(resampler.push(sine(500, 48_000, 3000))).toEqual(first);
  });
});

import { describe, expect, it } from 'vitest';
import { LogMelWindow } from '../../../src/dsp/log-mel.js';
import { logMelOf } from '../../../src/models/front-end.js';
import { shippedModel } from '../../../src/models/manifest.js';
import { vectorSignal } from '../../support/vector-signal.js';

const settings = { ...logMelOf(shippedModel('wake-tiny')), level: null };
const level = { leastDb: -30, mostDb: -6, mostGainDb: 50 };
const HOP = 1280;

/** What a model is shown at the end of a signal that comes in hops. */
function shown(signal: Float32Array, range: typeof level | null): Float32Array {
  const window = new LogMelWindow({ ...settings, level: range }, 4);
  const features = new Float32Array(settings.windowFrames * settings.bands);
  for (let at = 0; at < signal.length; at += HOP) {
    window.push(signal.subarray(at, at + HOP));
    window.show(features);
  }
  return features;
}

function amplified(signal: Float32Array, gainDb: number): Float32Array {
  return signal.map((value) => value * 10 ** (gainDb / 20));
}

function furthest(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? Number.NaN))), 0);
}

describe('LogMelWindow', () => {
  const signal = vectorSignal(20 * HOP);

  it('shows a sound the same at any level below what the model knows', () => {
    const quiet = shown(amplified(signal, -40), level);
    expect(furthest(quiet, shown(amplified(signal, -55), level))).toBeLessThan(0.25);
    expect(furthest(quiet, shown(amplified(signal, -40), null))).toBeGreaterThan(2);
  });

  it('leaves a sound alone whose level the model knows', () => {
    const loud = amplified(signal, -6);
    expect(shown(loud, { ...level, leastDb: -60, mostDb: 0 })).toEqual(shown(loud, null));
  });

  it('forgets a loud sound once it has left the window', () => {
    const quiet = amplified(signal, -45);
    const after = new Float32Array(2 * quiet.length);
    after.set(signal);
    after.set(quiet, signal.length);
    expect(furthest(shown(after, level), shown(quiet, level))).toBeLessThan(0.25);
  });

  it('shows silence as the least there is', () => {
    const least = Math.log(settings.logOffset);
    expect(shown(new Float32Array(4 * HOP), level).every((value) => Math.abs(value - least) < 1e-5)).toBe(
      true,
    );
  });

  it('begins anew after a reset', () => {
    const window = new LogMelWindow({ ...settings, level }, 4);
    const features = new Float32Array(settings.windowFrames * settings.bands);
    window.push(signal.subarray(0, HOP));
    window.show(features);
    window.reset();
    window.push(new Float32Array(HOP));
    window.show(features);
    expect(features).toEqual(shown(new Float32Array(HOP), level));
  });
});

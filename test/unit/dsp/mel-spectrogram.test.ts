import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CatnapError } from '../../../src/core/errors.js';
import { MelSpectrogram } from '../../../src/dsp/mel-spectrogram.js';
import { logMelOf } from '../../../src/models/front-end.js';
import { shippedModel } from '../../../src/models/manifest.js';
import { vectorSignal } from '../../support/vector-signal.js';

interface Vectors {
  readonly samples: number;
  readonly tolerance: number;
  readonly settings: object;
  readonly frames: readonly (readonly number[])[];
}

const vectors = JSON.parse(
  readFileSync(new URL('../../vectors/logmel.json', import.meta.url), 'utf8'),
) as Vectors;

const settings = logMelOf(shippedModel('wake-tiny'));

function spectrogram(signal: Float32Array, chunkLengths: Iterable<number>): Float32Array[] {
  const frontEnd = new MelSpectrogram(settings);
  const { bands } = settings;
  const frames: Float32Array[] = [];
  let at = 0;
  for (const length of chunkLengths) {
    const chunk = signal.subarray(at, at + length);
    const out = new Float32Array(frontEnd.framesIn(chunk.length) * bands);
    const count = frontEnd.push(chunk, out);
    for (let i = 0; i < count; i++) frames.push(out.slice(i * bands, (i + 1) * bands));
    at += length;
  }
  return frames;
}

describe('MelSpectrogram', () => {
  const signal = vectorSignal(vectors.samples);

  it('is compared under the settings of the shipped model', () => {
    expect(settings).toMatchObject(vectors.settings);
  });

  it('gives the training front end’s features within the stated tolerance', () => {
    const frames = spectrogram(signal, [signal.length]);
    expect(frames).toHaveLength(vectors.frames.length);
    const worst = Math.max(
      ...frames.flatMap((frame, i) =>
        Array.from(frame, (value, band) =>
          Math.abs(Math.log(value + settings.logOffset) - (vectors.frames[i]?.[band] ?? Number.NaN)),
        ),
      ),
    );
    expect(worst).toBeLessThanOrEqual(vectors.tolerance);
  });

  it('gives the same frames however the stream is cut', () => {
    const whole = spectrogram(signal, [signal.length]);
    const cuts = [1, 7, 319, 320, 321, 640, 1, 1280];
    const lengths = [...cuts, signal.length - cuts.reduce((sum, cut) => sum + cut, 0)];
    expect(spectrogram(signal, lengths)).toEqual(whole);
  });

  it('completes one frame per step from the first sample on, and starts over after a reset', () => {
    const frontEnd = new MelSpectrogram(settings);
    const first = new Float32Array(40);
    const again = new Float32Array(40);
    expect(frontEnd.push(signal.subarray(4000, 4320), first)).toBe(1);
    frontEnd.push(signal.subarray(5000, 5100), again);
    frontEnd.reset();
    expect(frontEnd.push(signal.subarray(4000, 4320), again)).toBe(1);
    expect(again).toEqual(first);
  });

  it('refuses an output that cannot hold the frames, naming both sizes', () => {
    const frontEnd = new MelSpectrogram(settings);
    expect(() => frontEnd.push(new Float32Array(640), new Float32Array(79))).toThrow(
      /expected room for 2 frames of 40 bands, found 79 numbers/,
    );
  });

  it('refuses settings that make no spectrogram', () => {
    expect(() => new MelSpectrogram({ ...settings, fftSize: 500 })).toThrow(CatnapError);
    expect(() => new MelSpectrogram({ ...settings, highHz: 9000 })).toThrow(
      /highHz at most 8000, found 9000/,
    );
  });
});

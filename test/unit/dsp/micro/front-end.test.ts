import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MicroFrontEnd } from '../../../../src/dsp/micro/front-end.js';
import { vectorSignal } from '../../../support/vector-signal.js';

interface Vectors {
  readonly samples: number;
  /** Frames of the signal times each gain, of which one in `every` is kept. */
  readonly gains: Readonly<Record<string, readonly (readonly number[])[]>>;
  readonly every: number;
}

const vectors = JSON.parse(
  readFileSync(new URL('../../../vectors/micro.json', import.meta.url), 'utf8'),
) as Vectors;

function framesOf(frontEnd: MicroFrontEnd, samples: Float32Array, chunk: number): readonly number[][] {
  const frames: number[][] = [];
  for (let at = 0; at < samples.length; at += chunk)
    frontEnd.push(samples.subarray(at, at + chunk), (features) => frames.push([...features]));
  return frames;
}

describe('the front end of TensorFlow Lite Micro', () => {
  const signal = vectorSignal(vectors.samples);

  it.each(Object.entries(vectors.gains))(
    'is that of pymicro-features bit by bit, times %s',
    (gain, expected) => {
      const frames = framesOf(
        new MicroFrontEnd(160),
        signal.map((sample) => Number(gain) * sample),
        1280,
      );
      expect(frames.filter((_, i) => i % vectors.every === 0)).toEqual(expected);
    },
  );

  it('is the same from any chunking, and again after a reset', () => {
    const frontEnd = new MicroFrontEnd(160);
    const whole = framesOf(frontEnd, signal, signal.length);
    frontEnd.reset();
    expect(framesOf(frontEnd, signal, 333)).toEqual(whole);
    expect(whole).toHaveLength(98);
  });

  it('makes half as many frames of steps of 20 ms', () => {
    expect(framesOf(new MicroFrontEnd(320), signal, 1000)).toHaveLength(49);
  });
});

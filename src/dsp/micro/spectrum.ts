import type { Filterbank } from './filterbank.js';
import { FLOATS_LENGTH, HALF_POINTS, PLACES, SPECTRUM, STAGES } from './spectrum-code.js';

const FULL_SCALE = 32_767;
const SAMPLE_BYTES = 2;
const FLOAT_BYTES = 4;
/** Of a bin's weights. */
const BIN_BYTES = 16;
const LANES = 4;

/**
 * Window, KISS FFT of real 16-bit samples (Mark Borgerding, `kiss_fftr.c`, FIXED_POINT 16) and sums of what falls into
 * each channel, in their own integer arithmetic, bit by bit: every stage halves or quarters what it is given, rounding
 * as KISS FFT rounds. In WebAssembly, which counts four or eight numbers at a time.
 */
export class Spectrum {
  /** By channel: the sum of energies in it by their weights, and of what is left to the next. */
  readonly sums: Float64Array;
  readonly #code = SPECTRUM.instance();
  readonly #floats: Float32Array;
  readonly #firstByte: number;
  readonly #endByte: number;

  /** @param window weights of 2^{@link WINDOW_BITS}, as many as it is shown samples. */
  constructor(window: Int16Array, { firstBin, starts, weights, unweights }: Filterbank) {
    const { buffer } = this.#code.memory;
    this.#floats = new Float32Array(buffer, PLACES.floats, FLOATS_LENGTH);
    new Int16Array(buffer, PLACES.window).set(window);
    for (const { size, twiddlesAt } of STAGES) new Int16Array(buffer, twiddlesAt).set(stageTwiddles(size));
    new Int16Array(buffer, PLACES.lastTwiddles).set(lastTwiddles());
    const byBin = new Float64Array(buffer, PLACES.weights + firstBin * BIN_BYTES, 2 * weights.length);
    for (const [i, weight] of weights.entries()) byBin.set([weight, unweights[i] as number], 2 * i);
    const ends = starts.subarray(1).map((bin) => bin * BIN_BYTES);
    new Int32Array(buffer, PLACES.ends, ends.length).set(ends);
    this.sums = new Float64Array(buffer, PLACES.sums, 2 * ends.length);
    this.#firstByte = firstBin * BIN_BYTES;
    this.#endByte = ends.byteLength;
  }

  /** Lays up to {@link FLOATS_LENGTH} samples in [-1, 1] ready. */
  lay(samples: Float32Array): void {
    this.#floats.set(samples);
  }

  /** Takes some of what is ready behind the first `used` of the window, as 16 bits rounded half up. */
  take(from: number, count: number, used: number): void {
    this.#code.take(used * SAMPLE_BYTES, from * FLOAT_BYTES, (from + count) * FLOAT_BYTES);
  }

  /**
   * Finds {@link sums} of the samples, raised by as many bits as are returned, and lets go of the first
   * `stepSamples`.
   */
  run(stepSamples: number): number {
    return this.#code.frame(this.#firstByte, this.#endByte, stepSamples * SAMPLE_BYTES);
  }
}

/** Of three of four transforms that are joined. */
function stageTwiddles(size: number): Int16Array {
  const phase = (place: number, times: number): number => (-2 * Math.PI * times * place) / (4 * size);
  return inVectors(size, 3, (place, i) => phase(place, i + 1));
}

function lastTwiddles(): Int16Array {
  return inVectors(HALF_POINTS / 2, 1, (place) => -Math.PI * ((place + 1) / HALF_POINTS + 0.5));
}

/**
 * By four places and by twiddle: what the parts of four points are multiplied with to give their real parts, and what
 * to give their imaginary ones.
 */
function inVectors(
  places: number,
  count: number,
  phaseOf: (place: number, twiddle: number) => number,
): Int16Array {
  const found: number[] = [];
  for (let from = 0; from < places; from += LANES)
    for (let twiddle = 0; twiddle < count; twiddle++) {
      const four = Array.from({ length: LANES }, (_, lane) => phaseOf(from + lane, twiddle));
      const turns = four.map((phase) => [fraction(Math.cos(phase)), fraction(Math.sin(phase))] as const);
      found.push(...turns.flatMap(([real, imaginary]) => [real, -imaginary]));
      found.push(...turns.flatMap(([real, imaginary]) => [imaginary, real]));
    }
  return Int16Array.from(found);
}

function fraction(value: number): number {
  return Math.floor(0.5 + FULL_SCALE * value);
}

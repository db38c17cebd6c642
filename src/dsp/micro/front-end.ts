import { filterbankOf, roundedRoot } from './filterbank.js';
import { fixedLog } from './fixed-log.js';
import { gainOf, gainTable, shrunk } from './gain.js';
import { Spectrum } from './spectrum.js';
import { FLOATS_LENGTH, WINDOW_BITS } from './spectrum-code.js';

const RATE_HZ = 16_000;
const WINDOW_SAMPLES = 480;
const POINTS = 512;
const CHANNELS = 40;
const LOW_HZ = 125;
const HIGH_HZ = 7500;
/** Bits that the noise is kept finer by, and shares of 2^14 by which it follows, channel by channel in turn. */
const NOISE_BITS = 10;
const SHARE_BITS = 14;
const WHOLE = 2 ** SHARE_BITS;
const [EVEN, ODD, LEAST] = [0.025, 0.06, 0.05].map((share) => Math.trunc(share * WHOLE)) as [
  number,
  number,
  number,
];
/** What the transform's size leaves over the square root of the weights: log2(512) - 12 / 2. */
const CORRECTION_BITS = 3;
const GAIN_PART = 2 ** -(21 - CORRECTION_BITS - 12);
const LOG_SHIFT = 6;
const MOST = 0xffff;

/**
 * TensorFlow Lite Micro's audio front end as ESPHome and microWakeWord set it (`microfrontend/lib`): 40 mel
 * channels of 30 ms, square root, noise reduction, gain by noise (PCAN: Wang et al., ICASSP 2017) and logarithm,
 * all in its own integer arithmetic, bit by bit. Allocates nothing after construction.
 */
export class MicroFrontEnd {
  static readonly channels = CHANNELS;
  readonly #spectrum = new Spectrum(hannWindow(), filterbankOf(CHANNELS, LOW_HZ, HIGH_HZ, RATE_HZ / POINTS));
  readonly #gains = gainTable(NOISE_BITS - CORRECTION_BITS);
  readonly #channels = new Float64Array(CHANNELS);
  readonly #noise = new Float64Array(CHANNELS);
  #used = 0;

  /** @param stepSamples from one frame to the next. */
  constructor(private readonly stepSamples: number) {}

  reset(): void {
    this.#used = 0;
    this.#noise.fill(0);
  }

  /**
   * Takes samples in [-1, 1], which are read as 16 bits.
   * @param onFrame is shown each frame that they complete, of {@link MicroFrontEnd.channels} whole numbers;
   * borrowed.
   */
  push(samples: Float32Array, onFrame: (features: Float64Array) => void): void {
    if (samples.length <= FLOATS_LENGTH) this.#push(samples, onFrame);
    else
      for (let at = 0; at < samples.length; at += FLOATS_LENGTH)
        this.#push(samples.subarray(at, at + FLOATS_LENGTH), onFrame);
  }

  #push(samples: Float32Array, onFrame: (features: Float64Array) => void): void {
    this.#spectrum.lay(samples);
    for (let at = 0; at < samples.length; ) {
      const taken = Math.min(WINDOW_SAMPLES - this.#used, samples.length - at);
      this.#spectrum.take(at, taken, this.#used);
      this.#used += taken;
      at += taken;
      if (this.#used < WINDOW_SAMPLES) return;
      this.#frame();
      onFrame(this.#channels);
      this.#used -= this.stepSamples;
    }
  }

  #frame(): void {
    const { sums } = this.#spectrum;
    const part = 1 / (1 << this.#spectrum.run(this.stepSamples));
    // The lowest is only the flank of the one above it.
    for (let channel = 0; channel < CHANNELS; channel++) {
      const sum = (sums[2 * channel + 1] as number) + (sums[2 * channel + 2] as number);
      this.#finish(channel, Math.floor(roundedRoot(sum) * part));
    }
  }

  #finish(channel: number, signal: number): void {
    const follows = (channel & 1) === 0 ? EVEN : ODD;
    const fine = (signal << NOISE_BITS) >>> 0;
    const before = this.#noise[channel] as number;
    const noise = Math.floor((fine * follows + before * (WHOLE - follows)) / WHOLE);
    this.#noise[channel] = noise;
    const least = Math.floor((signal * LEAST) / WHOLE);
    const cleaned = Math.max(least, (fine - Math.min(noise, fine)) >>> NOISE_BITS);
    const gained = shrunk(cleaned, gainOf(noise, this.#gains), GAIN_PART);
    const value = (gained << CORRECTION_BITS) >>> 0;
    this.#channels[channel] = value > 1 ? Math.min(MOST, fixedLog(value, LOG_SHIFT)) : 0;
  }
}

/** In single precision, as the front end makes it. */
function hannWindow(): Int16Array {
  const argument = Math.fround((Math.fround(Math.PI) * 2) / WINDOW_SAMPLES);
  return Int16Array.from({ length: WINDOW_SAMPLES }, (_, i) => {
    const cosine = Math.fround(Math.cos(Math.fround(argument * (i + 0.5))));
    return Math.floor(Math.fround(Math.fround(0.5 - 0.5 * cosine) * (1 << WINDOW_BITS)) + 0.5);
  });
}

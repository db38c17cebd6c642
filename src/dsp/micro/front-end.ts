import { filterbankOf, roundedRoot } from './filterbank.js';
import { FixedFft } from './fixed-fft.js';
import { fixedLog } from './fixed-log.js';
import { gainOf, gainTable, shrunk } from './gain.js';

const RATE_HZ = 16_000;
const WINDOW_SAMPLES = 480;
const POINTS = 512;
const CHANNELS = 40;
const LOW_HZ = 125;
const HIGH_HZ = 7500;
const WINDOW_BITS = 12;
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
  readonly #window: Int16Array;
  readonly #fft = new FixedFft(POINTS);
  readonly #filterbank = filterbankOf(CHANNELS, LOW_HZ, HIGH_HZ, RATE_HZ / POINTS);
  readonly #gains = gainTable(NOISE_BITS - CORRECTION_BITS);
  readonly #samples = new Int16Array(WINDOW_SAMPLES);
  readonly #windowed = new Int16Array(POINTS);
  readonly #channels = new Float64Array(CHANNELS);
  readonly #noise = new Float64Array(CHANNELS);
  #used = 0;

  /** @param stepSamples from one frame to the next. */
  constructor(private readonly stepSamples: number) {
    const argument = Math.fround((Math.fround(Math.PI) * 2) / WINDOW_SAMPLES);
    this.#window = Int16Array.from({ length: WINDOW_SAMPLES }, (_, i) => {
      const cosine = Math.fround(Math.cos(Math.fround(argument * (i + 0.5))));
      return Math.floor(Math.fround(Math.fround(0.5 - 0.5 * cosine) * (1 << WINDOW_BITS)) + 0.5);
    });
  }

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
    for (let at = 0; at < samples.length; ) {
      const taken = Math.min(WINDOW_SAMPLES - this.#used, samples.length - at);
      this.#take(samples, at, taken);
      this.#used += taken;
      at += taken;
      if (this.#used < WINDOW_SAMPLES) return;
      this.#frame();
      onFrame(this.#channels);
      this.#samples.copyWithin(0, this.stepSamples);
      this.#used -= this.stepSamples;
    }
  }

  /** Rounded half up, as whole numbers: a sum above 0 is cut off where it is to be rounded down. */
  #take(from: Float32Array, first: number, count: number): void {
    const to = this.#samples;
    const used = this.#used;
    for (let i = 0; i < count; i++) {
      const raised = Math.trunc((from[first + i] as number) * 32_768 + 98_304.5) - 98_304;
      to[used + i] = raised > 32_767 ? 32_767 : raised < -32_768 ? -32_768 : raised;
    }
  }

  #frame(): void {
    const shift = this.#applyWindow();
    this.#fft.run(this.#windowed, shift);
    this.#accumulate(shift);
    for (let channel = 0; channel < CHANNELS; channel++) this.#finish(channel);
  }

  /** How far what the window leaves can be raised within 16 bits. */
  #applyWindow(): number {
    const samples = this.#samples;
    const window = this.#window;
    const windowed = this.#windowed;
    // The highest bit of all sizes together is that of the largest.
    let sizes = 0;
    for (let i = 0; i < WINDOW_SAMPLES; i++) {
      const value = Math.imul(samples[i] as number, window[i] as number) >> WINDOW_BITS;
      windowed[i] = value;
      sizes |= Math.abs(value);
    }
    // The size of the lowest 16-bit number does not fit into 15 bits: it counts for nothing, as in TensorFlow's.
    return 15 - (32 - Math.clz32(sizes & 0x7fff));
  }

  /** Square roots of what falls into each channel. */
  #accumulate(shift: number): void {
    const { firstBin, starts, weights, unweights } = this.#filterbank;
    const { output } = this.#fft;
    const part = 1 / (1 << shift);
    let carried = 0;
    for (let channel = 0; channel <= CHANNELS; channel++) {
      let sum = carried;
      carried = 0;
      const end = starts[channel + 1] as number;
      for (let bin = starts[channel] as number; bin < end; bin++) {
        const real = output[2 * bin] as number;
        const imaginary = output[2 * bin + 1] as number;
        const energy = (Math.imul(real, real) + Math.imul(imaginary, imaginary)) >>> 0;
        sum += (weights[bin - firstBin] as number) * energy;
        carried += (unweights[bin - firstBin] as number) * energy;
      }
      // The lowest is only the flank of the one above it.
      if (channel > 0) this.#channels[channel - 1] = Math.floor(roundedRoot(sum) * part);
    }
  }

  #finish(channel: number): void {
    const signal = this.#channels[channel] as number;
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

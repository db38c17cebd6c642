import FFT from 'fft.js';
import { CatnapError } from '../core/errors.js';

/** What a mel spectrogram is made of; a model's manifest carries these under `frontEnd`. */
export interface MelSettings {
  readonly rateHz: number;
  /** Samples per analysis window; at most `fftSize`. */
  readonly windowSamples: number;
  /** Samples from one frame to the next; at most `windowSamples`. */
  readonly stepSamples: number;
  /** Points of the transform, a power of two. */
  readonly fftSize: number;
  /** Mel bands per frame. */
  readonly bands: number;
  /** Lower corner of the lowest band. */
  readonly lowHz: number;
  /** Upper corner of the highest band. */
  readonly highHz: number;
  /**
   * Where bands lie and how they weigh: HTK's scale with peaks of 1, when left out, or Slaney's (Auditory Toolbox,
   * 1998) with areas of 1, as librosa and torchlibrosa make them.
   */
  readonly scale?: 'htk' | 'slaney';
}

/**
 * Streaming mel spectrogram: band power under a periodic Hann window and triangular mel filters, without any
 * normalisation over time, so that a frame depends on its own window alone. A stream begins as if silence stood before
 * it, so every `stepSamples` samples complete exactly one frame. Allocates nothing after construction.
 */
export class MelSpectrogram {
  readonly settings: MelSettings;
  readonly #window: Float64Array;
  readonly #windowed: Float64Array;
  readonly #spectrum: Float64Array;
  readonly #power: Float64Array;
  readonly #fft: FFT;
  readonly #filters: BandFilters;
  /** The latest `windowSamples` samples, the oldest at `#head`. */
  readonly #ring: Float32Array;
  #head = 0;
  #sinceFrame = 0;

  /** @throws CatnapError MODEL_SHAPE when the settings cannot make a spectrogram. */
  constructor(settings: MelSettings) {
    checkSettings(settings);
    this.settings = settings;
    this.#window = hannWindow(settings.windowSamples);
    this.#windowed = new Float64Array(settings.fftSize);
    this.#spectrum = new Float64Array(2 * settings.fftSize);
    this.#power = new Float64Array(settings.fftSize / 2 + 1);
    this.#fft = new FFT(settings.fftSize);
    this.#filters = bandFilters(settings);
    this.#ring = new Float32Array(settings.windowSamples);
  }

  /** Forgets the stream: the next sample is the first. */
  reset(): void {
    this.#ring.fill(0);
    this.#head = 0;
    this.#sinceFrame = 0;
  }

  /** The lowest band whose centre is at `hz` or above. */
  bandFrom(hz: number): number {
    const { bands, lowHz, highHz, scale = 'htk' } = this.settings;
    const { toMel } = SCALES[scale];
    const step = (toMel(highHz) - toMel(lowHz)) / (bands + 1);
    return Math.max(0, Math.ceil((toMel(hz) - toMel(lowHz)) / step) - 1);
  }

  /** How many frames the next `samples` samples will complete. */
  framesIn(samples: number): number {
    return Math.floor((this.#sinceFrame + samples) / this.settings.stepSamples);
  }

  /**
   * Takes samples in [-1, 1], any number of them.
   *
   * @param out receives the completed frames one after another, `bands` numbers each, from `offset` on.
   * @returns the number of frames written.
   * @throws CatnapError MODEL_SHAPE when `out` has no room for the frames these samples complete.
   */
  push(samples: Float32Array, out: Float32Array, offset = 0): number {
    const { stepSamples, bands } = this.settings;
    const frames = this.framesIn(samples.length);
    if (offset + frames * bands > out.length) {
      throw new CatnapError(
        'MODEL_SHAPE',
        `mel output: expected room for ${frames} frames of ${bands} bands, found ${out.length - offset} numbers`,
      );
    }
    let taken = 0;
    for (let frame = 0; frame < frames; frame++) {
      const upTo = taken + stepSamples - this.#sinceFrame;
      this.#keep(samples, taken, upTo);
      taken = upTo;
      this.#sinceFrame = 0;
      this.#frame(out, offset + frame * bands);
    }
    this.#keep(samples, taken, samples.length);
    this.#sinceFrame += samples.length - taken;
    return frames;
  }

  #keep(samples: Float32Array, from: number, to: number): void {
    const ring = this.#ring;
    let head = this.#head;
    for (let i = from; i < to; i++) {
      ring[head] = samples[i] as number;
      head = head + 1 === ring.length ? 0 : head + 1;
    }
    this.#head = head;
  }

  #frame(out: Float32Array, offset: number): void {
    const ring = this.#ring;
    const window = this.#window;
    const windowed = this.#windowed;
    let at = this.#head;
    for (let i = 0; i < ring.length; i++) {
      windowed[i] = (ring[at] as number) * (window[i] as number);
      at = at + 1 === ring.length ? 0 : at + 1;
    }
    this.#fft.realTransform(this.#spectrum, windowed);
    const spectrum = this.#spectrum;
    const power = this.#power;
    for (let bin = 0; bin < power.length; bin++) {
      const real = spectrum[2 * bin] as number;
      const imaginary = spectrum[2 * bin + 1] as number;
      power[bin] = real * real + imaginary * imaginary;
    }
    this.#bands(out, offset);
  }

  #bands(out: Float32Array, offset: number): void {
    const { firstBins, starts, weights } = this.#filters;
    const power = this.#power;
    const { bands } = this.settings;
    for (let band = 0; band < bands; band++) {
      const start = starts[band] as number;
      const end = starts[band + 1] as number;
      let bin = firstBins[band] as number;
      let sum = 0;
      for (let i = start; i < end; i++) sum += (weights[i] as number) * (power[bin++] as number);
      out[offset + band] = sum;
    }
  }
}

/** Triangular filters without their zeros: band b weighs the bins from `firstBins[b]` with `weights[starts[b]...]`. */
interface BandFilters {
  readonly firstBins: Int32Array;
  readonly starts: Int32Array;
  readonly weights: Float64Array;
}

function bandFilters(settings: MelSettings): BandFilters {
  const { bands, fftSize, rateHz, scale = 'htk' } = settings;
  const { toMel, toHz, peak } = SCALES[scale];
  const low = toMel(settings.lowHz);
  const step = (toMel(settings.highHz) - low) / (bands + 1);
  const cornerHz = (index: number) => toHz(low + step * index);
  const firstBins = new Int32Array(bands);
  const starts = new Int32Array(bands + 1);
  const weights: number[] = [];
  for (let band = 0; band < bands; band++) {
    const [from, centre, to] = [cornerHz(band), cornerHz(band + 1), cornerHz(band + 2)];
    const firstBin = Math.floor((from * fftSize) / rateHz) + 1;
    const lastBin = Math.ceil((to * fftSize) / rateHz) - 1;
    firstBins[band] = firstBin;
    for (let bin = firstBin; bin <= lastBin; bin++) {
      const hz = (bin * rateHz) / fftSize;
      const share = Math.max(0, Math.min((hz - from) / (centre - from), (to - hz) / (to - centre)));
      weights.push(share * peak(from, to));
    }
    starts[band + 1] = weights.length;
  }
  return { firstBins, starts, weights: Float64Array.from(weights) };
}

interface Scale {
  readonly toMel: (hz: number) => number;
  readonly toHz: (mel: number) => number;
  /** Weight at the middle of a band between these corners. */
  readonly peak: (fromHz: number, toHz: number) => number;
}

/** Above this Slaney's scale is logarithmic: a factor of 6.4 is 27 of its steps; below, a step is 200/3 Hz. */
const SLANEY_KNEE_HZ = 1000;
const SLANEY_STEP_HZ = 200 / 3;
const SLANEY_KNEE = SLANEY_KNEE_HZ / SLANEY_STEP_HZ;
const SLANEY_LOG_STEP = Math.log(6.4) / 27;

const SCALES: Readonly<Record<'htk' | 'slaney', Scale>> = {
  /** Young et al., The HTK Book, 5.4. */
  htk: {
    toMel: (hz) => 2595 * Math.log10(1 + hz / 700),
    toHz: (mel) => 700 * (10 ** (mel / 2595) - 1),
    peak: () => 1,
  },
  slaney: {
    toMel: (hz) =>
      hz < SLANEY_KNEE_HZ
        ? hz / SLANEY_STEP_HZ
        : SLANEY_KNEE + Math.log(hz / SLANEY_KNEE_HZ) / SLANEY_LOG_STEP,
    toHz: (mel) =>
      mel < SLANEY_KNEE
        ? mel * SLANEY_STEP_HZ
        : SLANEY_KNEE_HZ * Math.exp((mel - SLANEY_KNEE) * SLANEY_LOG_STEP),
    peak: (fromHz, toHz) => 2 / (toHz - fromHz),
  },
};

function hannWindow(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / size));
}

function checkSettings(settings: MelSettings): void {
  const { fftSize, windowSamples, stepSamples, bands, lowHz, highHz, rateHz } = settings;
  const check = (good: boolean, expected: string, found: number) => {
    if (!good) throw new CatnapError('MODEL_SHAPE', `mel front end: expected ${expected}, found ${found}`);
  };
  check(Number.isInteger(Math.log2(fftSize)) && fftSize > 1, 'fftSize to be a power of two', fftSize);
  check(windowSamples > 0 && windowSamples <= fftSize, `windowSamples from 1 to ${fftSize}`, windowSamples);
  check(
    stepSamples > 0 && stepSamples <= windowSamples,
    `stepSamples from 1 to ${windowSamples}`,
    stepSamples,
  );
  check(Number.isInteger(bands) && bands > 0, 'bands to be a whole number above 0', bands);
  check(lowHz >= 0 && lowHz < highHz, `lowHz from 0 to below ${highHz}`, lowHz);
  check(highHz <= rateHz / 2, `highHz at most ${rateHz / 2}`, highHz);
}

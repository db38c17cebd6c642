import { CatnapError } from '../core/errors.js';
import { type BandSettings, MelFilters } from './mel-filters.js';
import { PowerSpectrum, taperOf } from './power-spectrum.js';

/** What a mel spectrogram is made of; a model's manifest carries these under `frontEnd`. */
export interface MelSettings extends BandSettings {
  /** Samples per analysis window; at most `fftSize`. */
  readonly windowSamples: number;
  /** Samples from one frame to the next; at most `windowSamples`. */
  readonly stepSamples: number;
}

/**
 * Streaming mel spectrogram: band power under a periodic Hann window and triangular mel filters, without any
 * normalisation over time, so that a frame depends on its own window alone. A stream begins as if silence stood before
 * it, so every `stepSamples` samples complete exactly one frame. Allocates nothing after construction.
 */
export class MelSpectrogram {
  readonly settings: MelSettings;
  readonly #window: Float64Array;
  readonly #spectrum: PowerSpectrum;
  readonly #filters: MelFilters;
  /** The latest `windowSamples` samples, the oldest at `#head`. */
  readonly #ring: Float32Array;
  #head = 0;
  #sinceFrame = 0;

  /** @throws CatnapError MODEL_SHAPE when the settings cannot make a spectrogram. */
  constructor(settings: MelSettings) {
    checkSettings(settings);
    this.settings = settings;
    this.#window = taperOf('hann', settings.windowSamples);
    this.#spectrum = new PowerSpectrum(settings.fftSize);
    this.#filters = new MelFilters(settings);
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
    return this.#filters.bandFrom(hz);
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
    const { frame: windowed } = this.#spectrum;
    let at = this.#head;
    for (let i = 0; i < ring.length; i++) {
      windowed[i] = (ring[at] as number) * (window[i] as number);
      at = at + 1 === ring.length ? 0 : at + 1;
    }
    this.#spectrum.transform();
    this.#filters.apply(this.#spectrum.power, out, offset);
  }
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

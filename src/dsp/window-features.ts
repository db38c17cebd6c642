import { CatnapError } from '../core/errors.js';
import { type BandSettings, MelFilters } from './mel-filters.js';
import { PowerSpectrum, taperOf } from './power-spectrum.js';

/** What the frames of a window are made of. */
export interface WindowFeatureSettings extends BandSettings {
  /** Samples of a frame, and from one to the next. */
  readonly windowSamples: number;
  readonly stepSamples: number;
  /** `hann` is periodic, `hamming` symmetric. */
  readonly taper: 'hann' | 'hamming';
  /** Share of the sample before that is taken away. */
  readonly preEmphasis: number;
  readonly spectrum: 'magnitude' | 'power';
  /** The spectrum is multiplied by it. */
  readonly spectrumScale: number;
  /** `factor * ln(band + floor) + offset`, held between `least` and `most`. */
  readonly logarithm: {
    readonly floor: number;
    readonly factor: number;
    readonly offset: number;
    readonly least: number | null;
    readonly most: number | null;
  };
  /** Cosine coefficients of a frame's bands; null: the bands themselves. */
  readonly coefficients: number | null;
  /** `peak`: the highest sample of the window is 1. */
  readonly level: 'peak' | 'as-is';
}

/** Features of a whole window at once, as classifiers are trained on, frame by frame, the oldest first. */
export class WindowFeatures {
  /** Samples that the frames take. */
  readonly samples: number;
  readonly #settings: WindowFeatureSettings;
  readonly #taper: Float64Array;
  readonly #filters: MelFilters;
  readonly #spectrum: PowerSpectrum;
  readonly #bands: Float64Array;
  readonly #cosines: readonly Float64Array[] | null;

  /**
   * @param values numbers that a window comes to.
   * @throws CatnapError `MODEL_SHAPE` where they are no whole frames, or the transform is shorter than a frame.
   */
  constructor(
    settings: WindowFeatureSettings,
    private readonly values: number,
  ) {
    const { windowSamples, stepSamples, fftSize, bands, coefficients, taper } = settings;
    const perFrame = coefficients ?? bands;
    if (values % perFrame !== 0) throw refused(`inputs in frames of ${perFrame}`, `${values} inputs`);
    if (windowSamples > fftSize || !Number.isInteger(Math.log2(fftSize)))
      throw refused(`fftSize a power of two of at least ${windowSamples}`, `${fftSize}`);
    this.#settings = settings;
    this.samples = (values / perFrame - 1) * stepSamples + windowSamples;
    this.#taper = taperOf(taper, windowSamples);
    this.#filters = new MelFilters(settings);
    this.#spectrum = new PowerSpectrum(fftSize);
    this.#bands = new Float64Array(bands);
    this.#cosines = coefficients === null ? null : cosinesOf(coefficients, bands);
  }

  /** Writes the features of the last {@link samples} of a window. */
  write(window: Float32Array, out: Float32Array): void {
    const { stepSamples, level } = this.#settings;
    const first = window.length - this.samples;
    const gain = level === 'peak' ? 1 / Math.max(1e-9, highest(window, first)) : 1;
    const perFrame = this.#cosines?.length ?? this.#bands.length;
    for (let frame = 0; frame * perFrame < this.values; frame++) {
      this.#transformed(window, first + frame * stepSamples, gain);
      this.#filters.apply(this.#spectrum.power, this.#bands, 0);
      this.#logarithms();
      this.#frame(out, frame * perFrame);
    }
  }

  #transformed(window: Float32Array, from: number, gain: number): void {
    const { preEmphasis, spectrum, spectrumScale, windowSamples } = this.#settings;
    const { frame, power } = this.#spectrum;
    for (let i = 0; i < windowSamples; i++) {
      const sample = (window[from + i] as number) - preEmphasis * (window[from + i - 1] ?? 0);
      frame[i] = sample * gain * (this.#taper[i] as number);
    }
    this.#spectrum.transform();
    for (let bin = 0; bin < power.length; bin++) {
      const value = power[bin] as number;
      power[bin] = spectrumScale * (spectrum === 'power' ? value : Math.sqrt(value));
    }
  }

  #logarithms(): void {
    const { floor, factor, offset, least, most } = this.#settings.logarithm;
    for (let band = 0; band < this.#bands.length; band++) {
      const value = factor * Math.log((this.#bands[band] as number) + floor) + offset;
      this.#bands[band] = Math.min(most ?? value, Math.max(least ?? value, value));
    }
  }

  #frame(out: Float32Array, at: number): void {
    if (this.#cosines === null) {
      out.set(this.#bands, at);
      return;
    }
    for (const [i, cosine] of this.#cosines.entries()) {
      let sum = 0;
      for (let band = 0; band < cosine.length; band++)
        sum += (cosine[band] as number) * (this.#bands[band] as number);
      out[at + i] = sum;
    }
  }
}

function refused(expected: string, found: string): CatnapError {
  return new CatnapError('MODEL_SHAPE', `front end: expected ${expected}, found ${found}`);
}

/** Of the samples above zero alone, as the reference has it (`tf.reduce_max`). */
function highest(window: Float32Array, first: number): number {
  let most = 0;
  for (let i = Math.max(0, first); i < window.length; i++) most = Math.max(most, window[i] as number);
  return most;
}

/** `tf.signal.mfccs_from_log_mel_spectrograms`: the second cosine transform, all coefficients weighed alike. */
function cosinesOf(coefficients: number, bands: number): readonly Float64Array[] {
  const weight = Math.sqrt(2 / bands);
  return Array.from({ length: coefficients }, (_, k) =>
    Float64Array.from(
      { length: bands },
      (_, n) => weight * Math.cos((Math.PI * k * (2 * n + 1)) / (2 * bands)),
    ),
  );
}

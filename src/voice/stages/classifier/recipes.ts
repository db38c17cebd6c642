import type { ClassifierTraits } from './classifier.js';

/** What is known of a file of weights that says nothing of itself. */
export interface Recipe extends ClassifierTraits {
  readonly name: string;
  readonly labels: readonly string[];
}

const AS_IS = { least: null, most: null } as const;
const SPECTRUM = { rateHz: 16_000, preEmphasis: 0, level: 'as-is', coefficients: null } as const;

/** MLPerf Tiny's reference models (github.com/mlcommons/tiny, `benchmark/training`), by the SHA-256 of their files. */
const RECIPES: Readonly<Record<string, Recipe>> = {
  /** Speech Commands (`keyword_spotting/get_dataset.py`): 49 frames of 10 cepstral coefficients of a second. */
  aeea436800704fce17b17292e4412630ad856e9d777c044c64ef748a880bd0ae: {
    name: 'kws_ref_model',
    labels: [
      ...['down', 'go', 'left', 'no', 'off', 'on', 'right', 'stop', 'up', 'yes'],
      ...['silence', 'unknown'],
    ],
    frontEnd: {
      kind: 'spectrum',
      ...SPECTRUM,
      ...{ windowSamples: 480, stepSamples: 320, fftSize: 512, taper: 'hann', level: 'peak' },
      ...{ spectrum: 'magnitude', spectrumScale: 1, bands: 40, lowHz: 20, highHz: 4000, scale: 'tensorflow' },
      logarithm: { floor: 1e-6, factor: 1, offset: 0, ...AS_IS },
      coefficients: 10,
    },
    output: 'scores',
    everySamples: 1280,
    meanOf: 3,
    usual: null,
  },
  /** "Marvin" of Speech Commands (`streaming_wakeword/get_dataset.py`): 30 frames of 40 band levels. */
  '3af8550895ba7d5c584277102b5075c52dcfa63ba9d2b2240f37c4e6abd5dd2b': {
    name: 'str_ww_ref_model',
    labels: ['marvin', 'silence', 'unknown'],
    frontEnd: {
      kind: 'spectrum',
      ...SPECTRUM,
      ...{ windowSamples: 1024, stepSamples: 512, fftSize: 1024, taper: 'hamming', preEmphasis: 1 - 2 ** -5 },
      ...{
        spectrum: 'power',
        spectrumScale: 1 / 1024,
        bands: 40,
        lowHz: 0,
        highHz: 8000,
        scale: 'tensorflow',
      },
      logarithm: { floor: 1e-30, factor: 10 / Math.LN10 / 64, offset: 52 / 64, least: 0, most: 1 },
    },
    output: 'scores',
    everySamples: 1024,
    meanOf: 1,
    usual: null,
  },
  /** Sounds of machines (`anomaly_detection/common.py`): five frames of 128 bands, which it is to say again. */
  '87cf24194ef93d1d9b11a591d805526b98008e351655d29883c825c9c106ba24': {
    name: 'ad01_int8',
    labels: ['anomaly'],
    frontEnd: {
      kind: 'spectrum',
      ...SPECTRUM,
      ...{ windowSamples: 1024, stepSamples: 512, fftSize: 1024, taper: 'hann' },
      ...{ spectrum: 'power', spectrumScale: 1, bands: 128, lowHz: 0, highHz: 8000, scale: 'slaney' },
      logarithm: { floor: Number.EPSILON, factor: 10 / Math.LN10, offset: 0, ...AS_IS },
    },
    output: 'reconstruction',
    everySamples: 512,
    meanOf: 196,
    usual: 12,
  },
};

/** What is known of weights by their checksum; null for others. */
export function recipeOf(sha256: string): Recipe | null {
  return Object.hasOwn(RECIPES, sha256) ? (RECIPES[sha256] ?? null) : null;
}

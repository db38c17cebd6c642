import FFT from 'fft.js';
import type { FeatureExtractor } from './feature-extractor.js';

/** Bands of equal width on a log scale, from the first bins to half the sample rate. */
const BANDS = 8;
/** Envelope bands, over the lower eighth of the spectrum: where bearing fault rates lie. */
const ENVELOPE_BANDS = 3;
const ENVELOPE_SHARE = 8;
const SHAPE = 4;
const PER_CHANNEL = SHAPE + BANDS + ENVELOPE_BANDS;
/** Keeps logarithms finite on digital silence; far below any converter's noise. */
const FLOOR = 1e-12;

/**
 * Describes a stretch of vibration by what condition monitoring has long used: mean, level (log RMS),
 * kurtosis and crest factor, which rise with impacts (Dyer and Stewart, "Detection of rolling element bearing
 * damage by statistical vibration analysis", J. Mech. Design 100, 1978), log energy in bands of the spectrum,
 * and log energy in bands of the envelope's spectrum, where impacts show as their rate (Randall and Antoni,
 * "Rolling element bearing diagnostics: a tutorial", MSSP 25, 2011). Logarithms, because levels multiply.
 */
export class VibrationFeatures implements FeatureExtractor {
  readonly names: readonly string[];
  readonly channelOf: readonly number[];
  readonly row: Float64Array;
  readonly #samples: Float64Array;
  readonly #missing: Uint32Array;
  readonly #window: Float64Array;
  readonly #fft: FFT;
  readonly #in: Float64Array;
  readonly #out: Float64Array;
  #filled = 0;

  /** `rowSamples`: a power of two, at least 64. */
  constructor(
    readonly channels: readonly string[],
    readonly rowSamples: number,
  ) {
    const kinds = [
      'mean',
      'rms',
      'kurtosis',
      'crest',
      ...Array.from({ length: BANDS }, (_, i) => `band${i}`),
      ...Array.from({ length: ENVELOPE_BANDS }, (_, i) => `envelope${i}`),
    ];
    this.names = channels.flatMap((channel) => kinds.map((kind) => `${channel}.${kind}`));
    this.channelOf = channels.flatMap((_, index) => kinds.map(() => index));
    this.row = new Float64Array(this.names.length);
    this.#samples = new Float64Array(channels.length * rowSamples);
    this.#missing = new Uint32Array(channels.length);
    this.#window = Float64Array.from(
      { length: rowSamples },
      (_, i) => 0.5 - 0.5 * Math.cos((2 * Math.PI * i) / rowSamples),
    );
    this.#fft = new FFT(rowSamples);
    this.#in = new Float64Array(rowSamples);
    this.#out = new Float64Array(2 * rowSamples);
  }

  push(data: ArrayLike<number>, offset: number): boolean {
    for (let c = 0; c < this.channels.length; c++) {
      const value = data[offset + c] as number;
      const present = Number.isFinite(value);
      if (!present) this.#missing[c] = (this.#missing[c] as number) + 1;
      this.#samples[c * this.rowSamples + this.#filled] = present ? value : 0;
    }
    this.#filled += 1;
    if (this.#filled < this.rowSamples) return false;
    for (let c = 0; c < this.channels.length; c++) this.#describe(c);
    this.reset();
    return true;
  }

  reset(): void {
    this.#filled = 0;
    this.#missing.fill(0);
  }

  #describe(channel: number): void {
    const at = channel * PER_CHANNEL;
    // Holes would look like impacts: a stretch with any is a missing row of its channel.
    if ((this.#missing[channel] as number) > 0) {
      this.row.fill(Number.NaN, at, at + PER_CHANNEL);
      return;
    }
    const start = channel * this.rowSamples;
    const samples = this.#samples.subarray(start, start + this.rowSamples);
    this.#shape(samples, at);
    this.#bands(samples, at + SHAPE, BANDS, this.rowSamples / 2);
    // The envelope by squaring, the plainest demodulator.
    for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] as number) ** 2;
    centre(samples);
    this.#bands(samples, at + SHAPE + BANDS, ENVELOPE_BANDS, this.rowSamples / 2 / ENVELOPE_SHARE);
  }

  /** Mean, level, kurtosis and crest factor; leaves `samples` without their mean. */
  #shape(samples: Float64Array, at: number): void {
    this.row[at] = centre(samples);
    let square = 0;
    let fourth = 0;
    let peak = 0;
    for (const value of samples) {
      const power = value * value;
      square += power;
      fourth += power * power;
      if (power > peak) peak = power;
    }
    square /= samples.length;
    fourth /= samples.length;
    this.row[at + 1] = Math.log(square + FLOOR) / 2;
    this.row[at + 2] = Math.log((fourth + FLOOR * FLOOR) / (square + FLOOR) ** 2);
    this.row[at + 3] = Math.log((peak + FLOOR) / (square + FLOOR)) / 2;
  }

  #bands(samples: Float64Array, at: number, bands: number, lastBin: number): void {
    for (let i = 0; i < samples.length; i++)
      this.#in[i] = (samples[i] as number) * (this.#window[i] as number);
    this.#fft.realTransform(this.#out, this.#in);
    for (let band = 0; band < bands; band++) {
      const { from, to } = bandOf(band, bands, lastBin);
      let energy = 0;
      for (let bin = from; bin < to; bin++) {
        energy += (this.#out[2 * bin] as number) ** 2 + (this.#out[2 * bin + 1] as number) ** 2;
      }
      this.row[at + band] = Math.log(energy / samples.length ** 2 + FLOOR) / 2;
    }
  }
}

/** Bins `[from, to)` of a band of equal width on a log scale. */
function bandOf(
  band: number,
  bands: number,
  lastBin: number,
): { readonly from: number; readonly to: number } {
  const from = Math.max(1, Math.floor(lastBin ** (band / bands)));
  return { from, to: Math.max(from + 1, Math.floor(lastBin ** ((band + 1) / bands))) };
}

/** What the features of one channel are called for people, in their order, with the frequencies they stand for. */
export function vibrationTitles(rowSamples: number, rateHz: number): readonly string[] {
  const bands = (title: string, count: number, lastBin: number) =>
    Array.from({ length: count }, (_, band) => {
      const { from, to } = bandOf(band, count, lastBin);
      const hz = (bin: number) => Number(((bin * rateHz) / rowSamples).toPrecision(3));
      return `${title} ${hz(from)}-${hz(to)} Hz`;
    });
  return [
    'mean',
    'RMS level',
    'kurtosis',
    'crest factor',
    ...bands('spectrum', BANDS, rowSamples / 2),
    ...bands('envelope', ENVELOPE_BANDS, rowSamples / 2 / ENVELOPE_SHARE),
  ];
}

/** Takes the mean off and returns it. */
function centre(samples: Float64Array): number {
  let mean = 0;
  for (const value of samples) mean += value / samples.length;
  for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] as number) - mean;
  return mean;
}

import type { Window } from '../../core/cascade/stage.js';
import type { FeatureExtractor } from './feature-extractor.js';
import { VibrationFeatures, vibrationTitles } from './vibration.js';

/** How samples become the rows that are watched. Serialisable. */
export type FeatureSpec =
  /** Slow process signals: each row is the mean, and the range, of `rowSamples` samples of every channel. */
  | { readonly kind: 'level'; readonly rowSamples: number }
  /** Vibration and other fast signals: each row describes `rowSamples` samples (a power of two) of every channel. */
  | { readonly kind: 'vibration'; readonly rowSamples: number };

/** Above this rate a signal is taken for vibration, below it for a process. */
const VIBRATION_RATE_HZ = 50;
const MIN_VIBRATION_SAMPLES = 64;
const MAX_VIBRATION_SAMPLES = 16_384;

/** How the features of a signal of `rateHz` are cut when a configuration leaves it open. */
export function featuresFor(
  kind: 'auto' | FeatureSpec['kind'],
  rateHz: number,
  rowSeconds: number,
): FeatureSpec {
  const samples = rateHz * rowSeconds;
  const asVibration = kind === 'vibration' || (kind === 'auto' && rateHz > VIBRATION_RATE_HZ);
  if (!asVibration) return { kind: 'level', rowSamples: Math.max(1, Math.round(samples)) };
  const rowSamples = 2 ** Math.round(Math.log2(samples));
  return {
    kind: 'vibration',
    rowSamples: Math.min(MAX_VIBRATION_SAMPLES, Math.max(MIN_VIBRATION_SAMPLES, rowSamples)),
  };
}

/** Builds the extractor of a spec. */
export function createFeatures(spec: FeatureSpec, channels: readonly string[]): FeatureExtractor {
  switch (spec.kind) {
    case 'level':
      return new LevelFeatures(channels, spec.rowSamples);
    case 'vibration':
      return new VibrationFeatures(channels, spec.rowSamples);
  }
}

/** All rows that a window completes, one after the other. */
export function rowsIn({ data, channels }: Window, features: FeatureExtractor): Float64Array {
  const rows: number[] = [];
  for (let offset = 0; offset < data.length; offset += channels) {
    if (!features.push(data, offset)) continue;
    // Spread into one call, the values of a row take three times as long.
    for (const value of features.row) rows.push(value);
  }
  return Float64Array.from(rows);
}

/**
 * What the features of each channel are called for people, channel by channel; null where the channel's own
 * name is enough.
 */
export function featureTitles(
  spec: FeatureSpec,
  channels: readonly string[],
  rateHz: number,
): readonly string[] | null {
  if (spec.kind === 'level') return null;
  const titles = vibrationTitles(spec.rowSamples, rateHz);
  return channels.flatMap(() => titles);
}

/** Samples a row takes for their range to say something that their mean does not. */
const MIN_RANGE_SAMPLES = 4;

/**
 * Means of the samples that are there, and where a row is of several the square root of their range beside it, as in
 * the X-bar and R charts of Shewhart ("Economic control of quality of manufactured product", 1931): a mean hides a
 * single spike, and a range a slow change. The root makes ranges more nearly normal. NaN where a channel had no sample.
 */
class LevelFeatures implements FeatureExtractor {
  readonly names: readonly string[];
  readonly channelOf: readonly number[];
  readonly row: Float64Array;
  readonly #channels: number;
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;
  readonly #lowest: Float64Array;
  readonly #highest: Float64Array;
  #samples = 0;

  constructor(
    channels: readonly string[],
    readonly rowSamples: number,
  ) {
    const ranges = rowSamples < MIN_RANGE_SAMPLES ? [] : channels.map((channel) => `${channel}.range`);
    this.names = [...channels, ...ranges];
    this.#channels = channels.length;
    this.channelOf = this.names.map((_, feature) => feature % channels.length);
    this.row = new Float64Array(this.names.length);
    this.#sums = new Float64Array(channels.length);
    this.#counts = new Uint32Array(channels.length);
    this.#lowest = new Float64Array(channels.length);
    this.#highest = new Float64Array(channels.length);
    this.reset();
  }

  push(data: ArrayLike<number>, offset: number): boolean {
    if (this.rowSamples === 1) return this.#copy(data, offset);
    for (let c = 0; c < this.#channels; c++) {
      const value = data[offset + c] as number;
      if (!Number.isFinite(value)) continue;
      this.#sums[c] = (this.#sums[c] as number) + value;
      this.#counts[c] = (this.#counts[c] as number) + 1;
      if (value < (this.#lowest[c] as number)) this.#lowest[c] = value;
      if (value > (this.#highest[c] as number)) this.#highest[c] = value;
    }
    this.#samples += 1;
    if (this.#samples < this.rowSamples) return false;
    for (let f = 0; f < this.row.length; f++) this.row[f] = this.#feature(f);
    this.reset();
    return true;
  }

  reset(): void {
    this.#sums.fill(0);
    this.#counts.fill(0);
    this.#lowest.fill(Number.POSITIVE_INFINITY);
    this.#highest.fill(Number.NEGATIVE_INFINITY);
    this.#samples = 0;
  }

  #copy(data: ArrayLike<number>, offset: number): boolean {
    for (let c = 0; c < this.#channels; c++) {
      const value = data[offset + c] as number;
      this.row[c] = Number.isFinite(value) ? value : Number.NaN;
    }
    return true;
  }

  #feature(feature: number): number {
    const c = this.channelOf[feature] as number;
    const count = this.#counts[c] as number;
    if (count === 0) return Number.NaN;
    if (feature < this.#channels) return (this.#sums[c] as number) / count;
    return Math.sqrt((this.#highest[c] as number) - (this.#lowest[c] as number));
  }
}

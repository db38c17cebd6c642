import type { ChannelModel } from './normal-model.js';
import { isWithin, SLACK_ROWS, stayedFor } from './regimes.js';
import { Repeats } from './repeats.js';
import { Roughness } from './roughness.js';

/** What is plainly wrong with a channel, whatever else is normal for it; told to people as it stands here. */
export type PlainFault =
  | 'silent'
  | 'stuck'
  | 'impossible value'
  | 'state never seen'
  | 'regime never seen'
  | 'repeats itself'
  | 'noise grown';

/** Lowest and highest value that can be. */
export type Limits = readonly [low: number, high: number];

/** Values that a unit allows, by what is written of it; the others know no limits. */
const ALLOWED: Readonly<Record<string, Limits>> = {
  '%rh': [0, 100],
  k: [0, Number.POSITIVE_INFINITY],
  '°c': [-273.15, Number.POSITIVE_INFINITY],
  degc: [-273.15, Number.POSITIVE_INFINITY],
  celsius: [-273.15, Number.POSITIVE_INFINITY],
  '°f': [-459.67, Number.POSITIVE_INFINITY],
  degf: [-459.67, Number.POSITIVE_INFINITY],
  ph: [-2, 16],
  lx: [0, Number.POSITIVE_INFINITY],
  lux: [0, Number.POSITIVE_INFINITY],
  ppm: [0, 1_000_000],
  hz: [0, Number.POSITIVE_INFINITY],
};
const ANYTHING: Limits = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** Noise is gone below this share of the least learnt, grown above that many times the most; in roots of steps. */
const NOISE_FACTOR = 2;
/** It is so until it came back by this factor. */
const NOISE_BACK = 1.4;

/** Lowest and highest value that a unit, and the limits that somebody set, allow. */
export function allowedBy(unit: string, [low, high]: Limits = ANYTHING): Limits {
  const [lowest, highest] = ALLOWED[unit.trim().toLowerCase()] ?? ANYTHING;
  return [Math.max(low, lowest), Math.min(high, highest)];
}

/**
 * Sees what is plainly wrong: no values, the very same value, a value that cannot be or never was, the same values over
 * again, noise that went or grew.
 */
export class PlainFaults {
  /** Of the last row, one a feature. */
  readonly found: (PlainFault | null)[];
  /** Whether each channel's noise is gone: odd, but often no fault, for a machine that rests is quiet. */
  readonly isQuiet: Uint8Array;
  readonly #last: Float64Array;
  readonly #sameRows: Float64Array;
  readonly #missingRows: Float64Array;
  /** Rows on end between the regimes. */
  readonly #betweenRows: Float64Array;
  readonly #roughness: readonly Roughness[];
  readonly #repeats: readonly Repeats[];

  /** `allowed`: the limits of each channel; features beyond them describe one, and say less by themselves. */
  constructor(
    features: number,
    readonly allowed: readonly Limits[],
  ) {
    this.found = new Array<PlainFault | null>(features).fill(null);
    this.isQuiet = new Uint8Array(features);
    this.#last = new Float64Array(features).fill(Number.NaN);
    this.#sameRows = new Float64Array(features);
    this.#missingRows = new Float64Array(features);
    this.#betweenRows = new Float64Array(features);
    this.#roughness = allowed.map(() => new Roughness());
    this.#repeats = allowed.map(() => new Repeats());
  }

  /** Takes one value of feature `f` in, NaN where it is missing. */
  push(f: number, value: number, model: ChannelModel): void {
    this.found[f] = this.#judge(f, value, model);
  }

  /** While levels shift their steps are no noise: what is not found to be noisy is judged anew from here on. */
  forgetNoise(): void {
    this.#roughness.forEach((roughness, f) => {
      if (this.found[f] !== 'noise grown') roughness.reset();
    });
  }

  reset(): void {
    this.found.fill(null);
    this.isQuiet.fill(0);
    this.#last.fill(Number.NaN);
    this.#sameRows.fill(0);
    this.#missingRows.fill(0);
    this.#betweenRows.fill(0);
    for (const watched of [...this.#roughness, ...this.#repeats]) watched.reset();
  }

  #judge(f: number, value: number, model: ChannelModel): PlainFault | null {
    if (!Number.isFinite(value)) {
      this.#missingRows[f] = (this.#missingRows[f] as number) + 1;
      return (this.#missingRows[f] as number) > model.missingRows ? 'silent' : null;
    }
    this.#missingRows[f] = 0;
    this.#sameRows[f] = value === this.#last[f] ? (this.#sameRows[f] as number) + 1 : 0;
    this.#last[f] = value;
    const [low, high] = model.kind === 'counter' ? ANYTHING : (this.allowed[f] ?? ANYTHING);
    if (value < low || value > high) return 'impossible value';
    if (model.kind === 'category' && !model.states.includes(value)) return 'state never seen';
    if ((this.#sameRows[f] as number) > model.stuckRows) return 'stuck';
    return this.#course(f, value, model);
  }

  #isBetween(f: number, value: number, { regimes: { gaps } }: ChannelModel): boolean {
    if (gaps.length === 0) return false;
    const gap = gaps.find((each) => isWithin(value, each));
    const rows = stayedFor(this.#betweenRows[f] as number, gap !== undefined);
    const usual = gap?.rows ?? Math.max(...gaps.map((each) => each.rows));
    this.#betweenRows[f] = Math.min(rows, usual + SLACK_ROWS);
    return rows > (this.found[f] === 'regime never seen' ? usual - SLACK_ROWS : usual);
  }

  /** What only several values show. */
  #course(f: number, value: number, model: ChannelModel): PlainFault | null {
    const repeats = this.#repeats[f];
    const roughness = this.#roughness[f];
    if (repeats === undefined || roughness === undefined) return null;
    repeats.push(value);
    const rough = roughness.push(value);
    if (repeats.changes > model.repeatChanges) return 'repeats itself';
    if (this.#isBetween(f, value, model)) return 'regime never seen';
    const [least, most] = model.roughness;
    this.isQuiet[f] = NOISE_FACTOR * rough < least * (this.isQuiet[f] === 1 ? NOISE_BACK : 1) ? 1 : 0;
    const back = this.found[f] === 'noise grown' ? NOISE_BACK : 1;
    // Of what never moved the level says all: one step would be noise for ever.
    return most > 0 && rough * back > NOISE_FACTOR * most ? 'noise grown' : null;
  }
}

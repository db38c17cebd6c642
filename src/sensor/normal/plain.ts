import type { ChannelModel } from './normal-model.js';

/** What is plainly wrong with a channel, whatever else is normal for it. */
export type PlainFault = 'silent' | 'stuck' | 'impossible';

/** Values that a unit allows, by what is written of it; the others know no limits. */
const ALLOWED: Readonly<Record<string, readonly [low: number, high: number]>> = {
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
};
const ANYTHING = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const;

/** Lowest and highest value of a unit. */
export function allowedBy(unit: string): readonly [low: number, high: number] {
  return ALLOWED[unit.trim().toLowerCase()] ?? ANYTHING;
}

/** Sees what is plainly wrong: no values, the very same value, a value that cannot be. */
export class PlainFaults {
  /** Of the last row, one a feature. */
  readonly found: (PlainFault | null)[];
  readonly #last: Float64Array;
  readonly #sameRows: Float64Array;
  readonly #missingRows: Float64Array;

  /** `allowed`: the lowest and highest value of each feature; features beyond its end have no limits. */
  constructor(
    features: number,
    readonly allowed: readonly (readonly [low: number, high: number])[],
  ) {
    this.found = new Array<PlainFault | null>(features).fill(null);
    this.#last = new Float64Array(features).fill(Number.NaN);
    this.#sameRows = new Float64Array(features);
    this.#missingRows = new Float64Array(features);
  }

  /** Takes one value of feature `f` in, NaN where it is missing. */
  push(f: number, value: number, model: ChannelModel): void {
    this.found[f] = this.#judge(f, value, model);
  }

  reset(): void {
    this.found.fill(null);
    this.#last.fill(Number.NaN);
    this.#sameRows.fill(0);
    this.#missingRows.fill(0);
  }

  #judge(f: number, value: number, model: ChannelModel): PlainFault | null {
    if (!Number.isFinite(value)) {
      this.#missingRows[f] = (this.#missingRows[f] as number) + 1;
      return (this.#missingRows[f] as number) > model.missingRows ? 'silent' : null;
    }
    this.#missingRows[f] = 0;
    this.#sameRows[f] = value === this.#last[f] ? (this.#sameRows[f] as number) + 1 : 0;
    this.#last[f] = value;
    const [low, high] = this.allowed[f] ?? ANYTHING;
    if (value < low || value > high) return 'impossible';
    return (this.#sameRows[f] as number) > model.stuckRows ? 'stuck' : null;
  }
}

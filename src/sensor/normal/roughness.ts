/** Rows that roughness is the mean of. */
const ROUGHNESS_ROWS = 32;
/** Rows before the mean is believed. */
const BEGUN_ROWS = 2 * ROUGHNESS_ROWS;
/** Fewer rows than this do not say how rough a channel may be. */
const LEAST_ROWS = 200;

/** Least and most roughness of a channel. */
export type RoughnessRange = readonly [least: number, most: number];

/** Of a channel of which nothing is known yet. */
export const ANY_ROUGHNESS: RoughnessRange = [0, Number.MAX_VALUE];

/**
 * How much a channel moves from one row to the next: an exponential mean of the roots of absolute differences, which
 * a few jumps hardly change (Cressie and Hawkins, "Robust estimation of the variogram", Math. Geology 12, 1980). A
 * level may wander as it likes; what falls is noise that went, as of a sensor that is filtered, disconnected or frozen
 * but for its last digit.
 */
export class Roughness {
  #mean = 0;
  #last = Number.NaN;
  #rows = 0;

  /** Takes the next value, which is there, and gives the roughness; NaN while too few came. */
  push(value: number): number {
    const step = Math.abs(value - this.#last);
    this.#last = value;
    if (Number.isNaN(step)) return Number.NaN;
    this.#rows += 1;
    this.#mean += (Math.sqrt(step) - this.#mean) / Math.min(this.#rows, ROUGHNESS_ROWS);
    return this.#rows < BEGUN_ROWS ? Number.NaN : this.#mean;
  }

  reset(): void {
    this.#mean = 0;
    this.#last = Number.NaN;
    this.#rows = 0;
  }
}

/** How rough a channel was; NaN in `raw` is passed over. */
export function roughnessOf(raw: Float64Array): RoughnessRange {
  if (raw.length < LEAST_ROWS) return ANY_ROUGHNESS;
  const roughness = new Roughness();
  let least = Number.MAX_VALUE;
  let most = 0;
  for (const value of raw) {
    if (Number.isNaN(value)) continue;
    const rough = roughness.push(value);
    if (rough < least) least = rough;
    if (rough > most) most = rough;
  }
  return least > most ? ANY_ROUGHNESS : [least, most];
}

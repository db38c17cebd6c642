/** Bounds of the waits between attempts. */
export interface BackoffBounds {
  /** Longest first wait; it doubles with every attempt. */
  readonly firstMs: number;
  /** Where the doubling stops. */
  readonly maxMs: number;
  /**
   * How much of a wait is left to chance, so that those who failed together do not come again together: `full`, all
   * of it; `half`, its second half ("Exponential Backoff and Jitter", AWS Architecture Blog 2015).
   */
  readonly jitter: 'full' | 'half';
}

/** Doubling, jittered waits between attempts at what failed. Keeps count and waits for nothing itself. */
export class Backoff {
  readonly #bounds: BackoffBounds;
  readonly #random: () => number;
  #attempts = 0;

  /** @param random numbers from 0 to 1; replaceable for runs that must repeat. */
  constructor(bounds: BackoffBounds, random: () => number = Math.random) {
    this.#bounds = bounds;
    this.#random = random;
  }

  /** True from a failure until {@link reset}. */
  get isUnderWay(): boolean {
    return this.#attempts > 0;
  }

  /** Counts a failure; milliseconds to wait before the next attempt. */
  next(): number {
    const { firstMs, maxMs, jitter } = this.#bounds;
    const boundMs = Math.min(maxMs, firstMs * 2 ** this.#attempts);
    this.#attempts += 1;
    const sureMs = jitter === 'full' ? 0 : boundMs / 2;
    return sureMs + this.#random() * (boundMs - sureMs);
  }

  /** It works again: the next wait is a first one. */
  reset(): void {
    this.#attempts = 0;
  }
}

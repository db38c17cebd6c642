import type { Clock } from './clock.js';

/** When a breaker opens and how long it stays so. */
export interface BreakerBounds {
  /** Failures within `windowMs` that open it. */
  readonly failures: number;
  /** Infinity: however long ago, unless {@link Breaker.reset} came between. */
  readonly windowMs: number;
  /** After this one attempt is let through; its outcome closes the breaker or opens it again. */
  readonly halfOpenAfterMs: number;
}

/**
 * Closed, open, half-open, by failures within a sliding window, on a clock that is handed in and only goes
 * forward: the libraries' breakers read the wall clock, and on a board without a battery-backed one the first
 * time synchronisation would hold an open breaker open for years.
 */
export class Breaker {
  readonly #bounds: BreakerBounds;
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #failedAtMs: number[] = [];
  #openedAtMs: number | null = null;
  #probing = false;

  constructor(bounds: BreakerBounds, clock: Pick<Clock, 'monotonicMs'>) {
    this.#bounds = bounds;
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#openedAtMs !== null;
  }

  /** Whether an attempt may be made now. A half-open breaker lets one through until its outcome is known. */
  allows(): boolean {
    if (this.#openedAtMs === null) return true;
    const openMs = this.#clock.monotonicMs() - this.#openedAtMs;
    if (this.#probing || openMs < this.#bounds.halfOpenAfterMs) return false;
    this.#probing = true;
    return true;
  }

  /** Closes it. Failures within the window still count. */
  succeeded(): void {
    this.#openedAtMs = null;
    this.#probing = false;
  }

  /** Closes it and forgets the failures before: for who counts failures in a row. */
  reset(): void {
    this.succeeded();
    this.#failedAtMs.length = 0;
  }

  /** The attempt ended without an outcome; another may be made. */
  abandoned(): void {
    this.#probing = false;
  }

  failed(): void {
    const now = this.#clock.monotonicMs();
    this.#failedAtMs.push(now);
    while (now - (this.#failedAtMs[0] ?? now) > this.#bounds.windowMs) this.#failedAtMs.shift();
    const tooMany = this.#failedAtMs.length >= this.#bounds.failures;
    if (this.#failedAtMs.length > this.#bounds.failures) this.#failedAtMs.shift();
    if (!tooMany && !this.#probing) return;
    this.#openedAtMs = now;
    this.#probing = false;
  }
}

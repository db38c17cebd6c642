/** When a breaker opens and how long it stays so. */
export interface BreakerBounds {
  /** Failures within `windowMs` that open it. */
  readonly failures: number;
  readonly windowMs: number;
  /** After this one attempt is let through; its outcome closes the breaker or opens it again. */
  readonly halfOpenAfterMs: number;
}

/**
 * Closed, open, half-open, by failures within a sliding window, on a clock that is handed in and only goes
 * forward: the libraries' breakers read the wall clock, and on a board without a battery-backed one the first
 * time synchronisation would hold an open breaker open for years.
 */
export class CrashBreaker {
  readonly #bounds: BreakerBounds;
  readonly #monotonicMs: () => number;
  readonly #failedAtMs: number[] = [];
  #openedAtMs: number | null = null;
  #probing = false;

  constructor(bounds: BreakerBounds, monotonicMs: () => number) {
    this.#bounds = bounds;
    this.#monotonicMs = monotonicMs;
  }

  get isOpen(): boolean {
    return this.#openedAtMs !== null;
  }

  /** Whether an attempt may be made now. A half-open breaker lets one through until its outcome is known. */
  allows(): boolean {
    if (this.#openedAtMs === null) return true;
    if (this.#probing || this.#monotonicMs() - this.#openedAtMs < this.#bounds.halfOpenAfterMs) return false;
    this.#probing = true;
    return true;
  }

  succeeded(): void {
    this.#openedAtMs = null;
    this.#probing = false;
  }

  /** The attempt ended without an outcome; another may be made. */
  abandoned(): void {
    this.#probing = false;
  }

  failed(): void {
    const now = this.#monotonicMs();
    this.#failedAtMs.push(now);
    while (now - (this.#failedAtMs[0] ?? now) > this.#bounds.windowMs) this.#failedAtMs.shift();
    const tooMany = this.#failedAtMs.length >= this.#bounds.failures;
    if (this.#failedAtMs.length > this.#bounds.failures) this.#failedAtMs.shift();
    if (!tooMany && !this.#probing) return;
    this.#openedAtMs = now;
    this.#probing = false;
  }
}

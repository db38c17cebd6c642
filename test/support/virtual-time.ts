import type { Clock, Timer } from '../../src/core/clock.js';
import type { MachineClock } from '../../src/uplink/queue/steady-clock.js';

interface Waiting {
  readonly atMs: number;
  readonly wake: () => void;
}

/** Time that stands still until it is told to go on: what waits is woken in its order, and no test waits with it. */
export class VirtualTime {
  #nowMs = 0;
  readonly #waiting = new Set<Waiting>();

  readonly clock: Clock = {
    wallMs: () => Date.UTC(2026, 0, 1) + this.#nowMs,
    monotonicMs: () => this.#nowMs,
  };

  readonly timer: Timer = (delayMs, wake) => {
    const waiting = { atMs: this.#nowMs + delayMs, wake };
    this.#waiting.add(waiting);
    return () => this.#waiting.delete(waiting);
  };

  readonly machineClock: MachineClock = {
    bootId: 'boot',
    uptimeMs: () => this.#nowMs,
    wallMs: () => this.clock.wallMs(),
  };

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many wait to be woken. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Lets what can be done at this moment be done. */
  async settle(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }

  /** Goes on by `ms`. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await this.settle();
    for (;;) {
      const next = [...this.#waiting].sort((a, b) => a.atMs - b.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#waiting.delete(next);
      next.wake();
      await this.settle();
    }
    this.#nowMs = untilMs;
  }
}

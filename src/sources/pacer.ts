import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../core/clock.js';

/**
 * Holds a recording back to its own pace. Time is counted from the first wait, so that lateness does not add up.
 * `speed` 1 is real time, 20 is twenty times as fast, 0 does not wait.
 */
export class Pacer {
  #startMs: number | null = null;

  constructor(
    readonly clock: Pick<Clock, 'monotonicMs'>,
    readonly speed: number,
  ) {}

  /** Waits until `atMs` of the recording is due. Returns early when `signal` aborts. */
  async wait(atMs: number, signal: AbortSignal): Promise<void> {
    if (this.speed === 0) return;
    const nowMs = this.clock.monotonicMs();
    this.#startMs ??= nowMs;
    const dueMs = this.#startMs + atMs / this.speed;
    if (dueMs > nowMs) await delay(dueMs - nowMs, undefined, { signal }).catch(() => {});
  }
}

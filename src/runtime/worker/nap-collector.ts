import type { Telemetry } from '../../core/metering/telemetry.js';

/** Signal that goes by between two collections, at least. */
const EVERY_MS = 5 * 60_000;

/**
 * Has V8 collect its garbage while a source naps. V8 collects when it wants room, so a heap that turns over
 * slowly grows by megabytes for hours; a device would rather have them back, and in a nap nobody waits for
 * the tens of milliseconds it takes. Goes by the sample clock, so that a replayed day does as a real one.
 * Does nothing without `--expose-gc`.
 */
export class NapCollector {
  #lastMs = 0;

  constructor(private readonly collect: (() => void) | undefined = globalThis.gc) {}

  heard(reading: Telemetry): void {
    if (reading.type !== 'level' || reading.state !== 'napping') return;
    // A worker that was started anew counts from the beginning.
    this.#lastMs = Math.min(this.#lastMs, reading.atMs);
    if (reading.atMs - this.#lastMs < EVERY_MS) return;
    this.#lastMs = reading.atMs;
    this.collect?.();
  }
}

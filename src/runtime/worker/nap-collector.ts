import type { Telemetry } from '../../core/metering/telemetry.js';

/** Signal that goes by between two collections, at least. */
const EVERY_MS = 5 * 60_000;

/**
 * Has V8 collect its garbage while a source of the thread naps. V8 collects when it wants room, so a heap that turns
 * over slowly grows by megabytes for hours; a device would rather have them back. In a nap nobody waits for the tens of
 * milliseconds it takes, and what another source of the thread hears meanwhile is not lost but late by them. Goes by
 * the sample clock, so that a replayed day does as a real one. Does nothing without `--expose-gc`.
 */
export class NapCollector {
  /** By source: where its signal stands, and where it stood at the last collection. */
  readonly #sources = new Map<string, { atMs: number; collectedMs: number }>();

  constructor(private readonly collect: (() => void) | undefined = globalThis.gc) {}

  heard(reading: Telemetry): void {
    if (reading.type !== 'level') return;
    const { source, atMs, state } = reading;
    const heard = this.#sources.get(source) ?? { atMs, collectedMs: 0 };
    this.#sources.set(source, heard);
    heard.atMs = atMs;
    // A source that was started anew counts from the beginning.
    heard.collectedMs = Math.min(heard.collectedMs, atMs);
    if (state !== 'napping' || atMs - heard.collectedMs < EVERY_MS) return;
    for (const each of this.#sources.values()) each.collectedMs = each.atMs;
    this.collect?.();
  }
}

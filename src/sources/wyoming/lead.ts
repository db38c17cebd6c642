/** A stream that is further ahead of real time is a file: whoever sends it wants it heard as fast as that goes. */
export const LEAD_MAX_MS = 1000;
/** What a clock elsewhere may run faster than ours: far more than any does. */
const FASTER = 1.05;

/** How far ahead of real time an audio stream is: next to nothing for a microphone, seconds for a file. */
export class Lead {
  #leadMs = 0;
  #atMs = Number.NEGATIVE_INFINITY;

  /** Takes what lasts `durationMs` and came at `nowMs`, monotonic. @returns by how much more than it should have. */
  heard(durationMs: number, nowMs: number): number {
    this.#leadMs = Math.max(0, this.#leadMs - (nowMs - this.#atMs) * FASTER) + durationMs;
    this.#atMs = nowMs;
    return this.#leadMs;
  }
}

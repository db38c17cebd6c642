import type { TrailEntry } from '../events/events.js';
import { samplesIn } from '../signal/duration.js';
import type { TrackProfile } from './profile.js';

/** What became of a tracked detection at a hop. */
export type Tracked = 'going' | 'update' | 'ended';

/** Follows one lasting detection, so that a fault is one event however long it lasts. */
export class Tracker {
  /** One past the last sample at which it was there, as far as is known. */
  lastHighSample: number;
  /** What was judged then. */
  latest: TrailEntry | null = null;
  readonly #updateSamples: number;
  readonly #endAfterSamples: number;
  readonly #lateSamples: number;
  readonly #startSample: number;
  readonly #deadlineSample: number;
  #nextUpdateSample: number;

  constructor(profile: TrackProfile, rateHz: number, sample: number) {
    this.#updateSamples = samplesIn(profile.updateMs, rateHz);
    this.#endAfterSamples = samplesIn(profile.endAfterMs, rateHz);
    this.#lateSamples = samplesIn(profile.lateMs, rateHz);
    this.#startSample = sample;
    this.#deadlineSample = sample + samplesIn(profile.maxMs, rateHz);
    this.#nextUpdateSample = sample + this.#updateSamples;
    this.lastHighSample = sample;
  }

  /** Takes the hop that ends at `endSample`; `high` where the stage still does not reject. */
  push(endSample: number, high: boolean): Tracked {
    if (high) this.lastHighSample = endSample;
    if (endSample >= this.#deadlineSample) return 'ended';
    if (endSample - this.lastHighSample >= this.#endAfterSamples) {
      this.lastHighSample = Math.max(this.#startSample, this.lastHighSample - this.#lateSamples);
      return 'ended';
    }
    if (endSample < this.#nextUpdateSample) return 'going';
    this.#nextUpdateSample += this.#updateSamples;
    return 'update';
  }
}

import { samplesIn } from '../signal/duration.js';
import { type NearMiss, trailEntry } from './report.js';
import type { Decision, Judgement } from './stage.js';

/** From this share of what it takes to be noticed on. */
const NEAR = 0.5;
/** Most that are told in an hour of the sample clock; the others are counted. */
const MOST_AN_HOUR = 30;
const HOUR_MS = 3_600_000;

/**
 * What tiny almost noticed: the surest moment of each stretch in which it was at least half as sure as it would have
 * had to be. Only of stages that say what they held themselves to.
 */
export class NearMisses {
  readonly #hourSamples: number;
  #surest: NearMiss['entry'] | null = null;
  /** Where those of the last hour stood, oldest first. */
  #told: number[] = [];
  #skipped = 0;

  constructor(rateHz: number) {
    this.#hourSamples = samplesIn(HOUR_MS, rateHz);
  }

  /**
   * Takes what tiny says of samples up to `endSample`; gives what was almost noticed once that is over.
   * @param isArmed nothing was noticed that is still being worked on; else what is almost noticed is most likely that
   */
  hear(decision: Decision, endSample: number, isArmed: boolean): NearMiss | null {
    if (!isArmed) {
      this.#surest = null;
      return null;
    }
    if (decision.kind === 'reject' && isNear(decision)) {
      if (decision.confidence > (this.#surest?.confidence ?? 0))
        this.#surest = trailEntry(decision, endSample, null);
      return null;
    }
    const entry = this.#surest;
    this.#surest = null;
    // What became sure enough was no miss.
    return entry === null || decision.kind !== 'reject' ? null : this.#tell(entry, endSample);
  }

  /** What comes next has nothing to do with what was before. */
  reset(): void {
    this.#surest = null;
  }

  #tell(entry: NearMiss['entry'], endSample: number): NearMiss | null {
    this.#told = this.#told.filter((sample) => endSample - sample < this.#hourSamples);
    if (this.#told.length >= MOST_AN_HOUR) {
      this.#skipped += 1;
      return null;
    }
    this.#told.push(endSample);
    const skipped = this.#skipped;
    this.#skipped = 0;
    return { entry, skipped };
  }
}

function isNear({ confidence, thresholds }: Judgement): boolean {
  return thresholds !== undefined && thresholds.reject > 0 && confidence >= NEAR * thresholds.reject;
}

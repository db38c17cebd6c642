import type { Reason } from '../events/events.js';

/** A refusal that is not final while tiny insists: heavy looks again, after twice as long each time. */
export class Doubt {
  /** @param waitSamples from the look that ended at `endSample` to the next. */
  constructor(
    readonly reasons: readonly Reason[],
    private readonly endSample: number,
    private readonly waitSamples: number,
  ) {}

  /** It was refused once more, by a look that ended at `endSample`. */
  again(reasons: readonly Reason[], endSample: number): Doubt {
    return new Doubt(reasons, endSample, 2 * this.waitSamples);
  }

  /** Whether heavy has not heard what tiny named to its end, which is at `owedSample`. */
  owes(owedSample: number): boolean {
    return owedSample > this.endSample;
  }

  /** When heavy looks again: at that end, if it is owed and comes sooner. */
  lookSample(owedSample: number): number {
    const sample = this.endSample + this.waitSamples;
    return this.owes(owedSample) ? Math.min(sample, owedSample) : sample;
  }
}

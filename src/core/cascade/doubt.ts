import type { Reason } from '../events/events.js';

/** A refusal that is not final while tiny insists: heavy looks again, after twice as long each time. */
export class Doubt {
  /** When heavy looks again. */
  lookSample: number;
  /** Tiny has named since the last look what heavy was never asked about. */
  isOwed = false;

  /** @param waitSamples from the look that ended at `endSample` to the next. */
  constructor(
    readonly reasons: readonly Reason[],
    endSample: number,
    private readonly waitSamples: number,
  ) {
    this.lookSample = endSample + waitSamples;
  }

  /** It was refused once more, by a look that ended at `endSample`. */
  again(reasons: readonly Reason[], endSample: number): Doubt {
    return new Doubt(reasons, endSample, 2 * this.waitSamples);
  }

  /** Heavy is to be asked about what tiny names now, at that sample at the latest. */
  owe(latestSample: number): void {
    this.isOwed = true;
    this.lookSample = Math.min(this.lookSample, latestSample);
  }
}

import type { Ring } from '../signal/ring.js';

/** How far back tiny is given what is held once the gate opens, in hops. */
export interface Reach {
  readonly hopSamples: number;
  /** Where it has forgotten what was before. */
  readonly preRollHops: number;
  /** Where it remembers; what lies between was not loud enough to be a word. Null: it is to hear all or forget. */
  readonly resumeHops: number | null;
}

/** Up to where tiny was given the signal, and from where it is once the gate opens again. */
export class Feeding {
  /** Samples that it has heard since it last forgot. */
  #heardSamples = 0;
  #nextSample = 0;

  /** First sample that it was not given yet. */
  get nextSample(): number {
    return this.#nextSample;
  }

  /** It has forgotten all, and goes on at a sample. */
  restart(sample: number): void {
    this.#nextSample = sample;
    this.#heardSamples = 0;
  }

  /** It has forgotten all, in the midst of the signal. */
  forgot(): void {
    this.#heardSamples = 0;
  }

  /** It was given what comes next, up to `endSample`. */
  gave(endSample: number): void {
    this.#heardSamples += endSample - this.#nextSample;
    this.#nextSample = endSample;
  }

  /**
   * The gate has opened: it goes on where it stopped, if that is not too long ago, with a pause in between that is cut
   * short, if it remembers enough, or anew.
   * @returns whether it has to forget.
   */
  reopen(
    ring: Pick<Ring, 'startSample' | 'endSample'>,
    { hopSamples, preRollHops, resumeHops }: Reach,
  ): boolean {
    const back = (hops: number): number =>
      Math.max(ring.startSample, ring.endSample - (1 + hops) * hopSamples);
    if (resumeHops !== null && this.#heardSamples >= preRollHops * hopSamples) {
      this.#nextSample = Math.max(this.#nextSample, back(resumeHops));
      return false;
    }
    if (this.#nextSample >= back(preRollHops)) return false;
    this.restart(back(preRollHops));
    return true;
  }
}

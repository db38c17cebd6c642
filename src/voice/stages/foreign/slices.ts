import type { Decision, Judgement } from '../../../core/cascade/stage.js';

/** What a stage does with the slices that it is given. */
export interface SliceEars {
  /** Takes the next samples of a slice, `filled` of which it has taken before. */
  keep(samples: Float32Array, filled: number): void;
  /** Judges once a slice is full. */
  judge(): Promise<Decision>;
}

/** Cuts hops of any length into slices of one length, and decides by the best of those that each hop completes. */
export class Slices {
  #filled = 0;
  #last: Decision;

  constructor(
    private readonly samples: number,
    private readonly silence: Judgement,
    private readonly ears: SliceEars,
  ) {
    this.#last = silence;
  }

  /** The best of the slices that these samples complete, or the first that could not be judged; else the last one. */
  async hear(data: Float32Array): Promise<Decision> {
    let best: Judgement | null = null;
    for (let start = 0; start < data.length; ) {
      const taken = Math.min(this.samples - this.#filled, data.length - start);
      this.ears.keep(data.subarray(start, start + taken), this.#filled);
      start += taken;
      this.#filled += taken;
      if (this.#filled < this.samples) break;
      this.#filled = 0;
      this.#last = await this.ears.judge();
      if (this.#last.kind === 'abstain') return this.#last;
      if (best === null || this.#last.confidence > best.confidence) best = this.#last;
    }
    return best ?? this.#last;
  }

  reset(): void {
    this.#filled = 0;
    this.#last = this.silence;
  }
}

import { DotProduct } from '../../dsp/dot-product.js';
import type { InnerValues } from './inner-values.js';

/** A take that is held, whose steps what is heard is compared with. */
export interface HeldTake {
  readonly steps: number;
  /** Cosine distance of a step of the take from what was {@link HeldTakes.hear | heard} last. */
  distance(step: number): number;
  /** Hears a step of a sound. */
  hear(heard: InnerValues, step: number): void;
}

/** Takes side by side in one memory, in which a step of a sound is held before them. */
export class HeldTakes {
  readonly #dots = new DotProduct(0);
  /** Behind the last take, and behind the step that is heard. */
  #end = 0;

  /** Holds one more; all have as many values a step. */
  add({ steps, size, values }: InnerValues): HeldTake {
    const row = DotProduct.rowLength(size);
    const first = Math.max(row, this.#end);
    this.#end = first + steps * row;
    this.#dots.reserve(this.#end);
    for (let step = 0; step < steps; step++)
      this.#dots.numbers.set(values.subarray(step * size, (step + 1) * size), first + step * row);
    return {
      steps,
      distance: (step) => 1 - this.#dots.of(first + step * row, 0, row),
      hear: (heard, step) => this.#dots.numbers.set(heard.values.subarray(step * size, (step + 1) * size)),
    };
  }
}

import { VOICE_RATE_HZ } from '../../sources/mono.js';

/** Samples of one utterance, as many as fit; what comes after is left out. */
export class Recording {
  readonly #maxSamples: number;
  #samples = new Float32Array(4 * VOICE_RATE_HZ);
  #length = 0;

  constructor(maxSeconds: number) {
    this.#maxSamples = maxSeconds * VOICE_RATE_HZ;
  }

  take(samples: Float32Array): void {
    const taken = samples.subarray(0, this.#maxSamples - this.#length);
    const length = this.#length + taken.length;
    if (length > this.#samples.length) {
      const larger = new Float32Array(Math.min(this.#maxSamples, Math.max(length, 2 * this.#samples.length)));
      larger.set(this.#samples.subarray(0, this.#length));
      this.#samples = larger;
    }
    this.#samples.set(taken, this.#length);
    this.#length = length;
  }

  samples(): Float32Array {
    return this.#samples.subarray(0, this.#length);
  }
}

/** Samples in memory that is used over and over, and grows where more are asked for. */
export class Block {
  #samples = new Float32Array(0);

  /** Room for so many samples; what it held before may be overwritten. */
  of(samples: number): Float32Array {
    if (this.#samples.length < samples) this.#samples = new Float32Array(samples);
    return this.#samples.subarray(0, samples);
  }
}

/**
 * The last samples of one signal, indexed by the sample clock and shared by every stage.
 * It is filled hop by hop, so that reading a hop back is a ready-made view and allocates nothing:
 *
 * ```
 *   slots   [ hop 8 ][ hop 9 ][ hop 6 ][ hop 7 ]      startSample = first sample of hop 6
 *                    ^ next write evicts hop 6         endSample   = one past hop 9
 * ```
 *
 * What it holds is always contiguous: a gap clears it, hence no window spans one.
 */
export class Ring {
  readonly #slots: Float32Array[] = [];
  #originSample = 0;
  #written = 0;

  constructor(
    readonly hopSamples: number,
    readonly channels: number,
    readonly capacityHops: number,
  ) {
    const storage = new Float32Array(hopSamples * channels * capacityHops);
    const slotLength = hopSamples * channels;
    for (let slot = 0; slot < capacityHops; slot++) {
      this.#slots.push(storage.subarray(slot * slotLength, (slot + 1) * slotLength));
    }
  }

  /** Oldest sample held. */
  get startSample(): number {
    return this.#originSample + Math.max(0, this.#written - this.capacityHops) * this.hopSamples;
  }

  /** One past the newest sample held. */
  get endSample(): number {
    return this.#originSample + this.#written * this.hopSamples;
  }

  /** Appends one hop (`hopSamples * channels` values, interleaved); the oldest goes when it is full. */
  write(hop: Float32Array): void {
    this.#slot(this.#written).set(hop);
    this.#written += 1;
  }

  /** Forgets everything; the next hop written begins at `sample`. */
  clear(sample: number): void {
    this.#originSample = sample;
    this.#written = 0;
  }

  /** The hop that begins at `sample`, a view that lives until it is evicted; null when it is not held. */
  hopAt(sample: number): Float32Array | null {
    if (sample < this.startSample || sample >= this.endSample) return null;
    return this.#slot(Math.floor((sample - this.#originSample) / this.hopSamples));
  }

  /** A copy of samples `[startSample, endSample)`, clipped to what is held. */
  copy(startSample: number, endSample: number): { startSample: number; data: Float32Array } {
    const from = Math.max(startSample, this.startSample);
    const to = Math.max(from, Math.min(endSample, this.endSample));
    const data = new Float32Array((to - from) * this.channels);
    let written = 0;
    for (let sample = from; sample < to; ) {
      const index = Math.floor((sample - this.#originSample) / this.hopSamples);
      const hopStart = this.#originSample + index * this.hopSamples;
      const hopEnd = Math.min(to, hopStart + this.hopSamples);
      const piece = this.#slot(index).subarray(
        (sample - hopStart) * this.channels,
        (hopEnd - hopStart) * this.channels,
      );
      data.set(piece, written);
      written += piece.length;
      sample = hopEnd;
    }
    return { startSample: from, data };
  }

  #slot(index: number): Float32Array {
    return this.#slots[index % this.capacityHops] as Float32Array;
  }
}

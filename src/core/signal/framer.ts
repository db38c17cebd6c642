import type { Frame } from './frame.js';

/**
 * Cuts frames of any length into hops of one length, so that nothing after it depends on how a source
 * happened to chunk its samples. Offer a frame, then take hops until there are none.
 */
export class Framer {
  /** The hop last taken; overwritten by the next one. */
  readonly hop: Float32Array;
  /** Index of the first sample of {@link hop}. */
  hopSample = 0;
  readonly #partial: Float32Array;
  #filled = 0;
  #partialSample = 0;
  #data: Float32Array | null = null;
  #offset = 0;
  #nextSample: number | null = null;

  constructor(
    readonly hopSamples: number,
    readonly channels: number,
  ) {
    this.hop = new Float32Array(hopSamples * channels);
    this.#partial = new Float32Array(hopSamples * channels);
  }

  /** The sample the next frame should begin at; null before the first. */
  get nextSample(): number | null {
    return this.#nextSample;
  }

  /** Gives it a frame to cut. Samples it has already seen are skipped; a later start must be told by {@link cut}. */
  offer(frame: Frame): void {
    const seen = this.#nextSample === null ? 0 : Math.max(0, this.#nextSample - frame.sample);
    const frameSamples = Math.floor(frame.data.length / this.channels);
    if (this.#nextSample === null) this.#partialSample = frame.sample;
    this.#data = frame.data;
    this.#offset = Math.min(seen, frameSamples) * this.channels;
    this.#nextSample = Math.max(frame.sample + frameSamples, this.#nextSample ?? 0);
  }

  /** Fills {@link hop} with the next hop; false when the offered samples do not make another. */
  take(): boolean {
    const data = this.#data;
    if (data === null) return false;
    const wanted = Math.min(this.#partial.length - this.#filled, data.length - this.#offset);
    this.#partial.set(data.subarray(this.#offset, this.#offset + wanted), this.#filled);
    this.#filled += wanted;
    this.#offset += wanted;
    if (this.#offset >= data.length) this.#data = null;
    if (this.#filled < this.#partial.length) return false;
    this.hop.set(this.#partial);
    this.hopSample = this.#partialSample;
    this.#partialSample += this.hopSamples;
    this.#filled = 0;
    return true;
  }

  /** Forgets an unfinished hop; the next frame begins at `sample`. Used at gaps. */
  cut(sample: number): void {
    this.#filled = 0;
    this.#data = null;
    this.#partialSample = sample;
    this.#nextSample = sample;
  }
}

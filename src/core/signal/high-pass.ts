/**
 * Second-order Butterworth high-pass of one channel, in place and on the sample clock: what a sound card adds to
 * every sample, and rumble, say nothing. Bilinear transform with the corner prewarped (Bristow-Johnson, "Cookbook
 * formulae for audio EQ biquad filter coefficients"), transposed direct form II. It begins settled on its first
 * sample, so that a constant offset makes no thump.
 */
export class HighPass {
  readonly #b0: number;
  readonly #a1: number;
  readonly #a2: number;
  #s1 = 0;
  #s2 = 0;
  #settled = false;

  /** @param cornerHz where it is 3 dB down; 12 dB an octave below. */
  constructor(cornerHz: number, rateHz: number) {
    const w = (2 * Math.PI * cornerHz) / rateHz;
    const alpha = Math.sin(w) / Math.SQRT2;
    const a0 = 1 + alpha;
    this.#b0 = (1 + Math.cos(w)) / 2 / a0;
    this.#a1 = (-2 * Math.cos(w)) / a0;
    this.#a2 = (1 - alpha) / a0;
  }

  /** Filters samples that follow those it was given last. */
  apply(samples: Float32Array): void {
    const [b0, a1, a2] = [this.#b0, this.#a1, this.#a2];
    // What y would bring into both states is multiplied out, so that a sample waits for less of the one before it.
    const [x1, x2] = [-2 * b0 - a1 * b0, b0 - a2 * b0];
    if (!this.#settled) {
      const first = samples[0] ?? 0;
      this.#s1 = -b0 * first;
      this.#s2 = b0 * first;
      this.#settled = true;
    }
    let [s1, s2] = [this.#s1, this.#s2];
    for (let i = 0; i < samples.length; i++) {
      const x = samples[i] as number;
      samples[i] = b0 * x + s1;
      const next = x1 * x + s2 - a1 * s1;
      s2 = x2 * x - a2 * s1;
      s1 = next;
    }
    this.#s1 = s1;
    this.#s2 = s2;
  }

  /** The next sample is the first. */
  reset(): void {
    this.#settled = false;
  }
}

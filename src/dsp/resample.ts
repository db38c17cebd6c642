/** Stopband attenuation the filter is designed for. */
const STOPBAND_DB = 80;
/** The passband reaches to this share of the lower Nyquist frequency; the stopband begins at that frequency. */
const PASSBAND = 0.9;

/**
 * Converts a mono signal from one rate to another by a polyphase FIR filter: a windowed sinc with a Kaiser window
 * (Kaiser, "Nonrecursive digital filter design using the I0-sinh window function", 1974; length and beta by his
 * formulas as in Oppenheim and Schafer, "Discrete-Time Signal Processing", 7.5.3), 80 dB stopband, evaluated at
 * the exact rational ratio.
 *
 * Streaming: the same samples come out however the input is cut. There is no delay in the output's clock, sample
 * `n` stands at `n / toHz`, which is why the last few come only with {@link flush}.
 */
export class Resampler {
  /** Reduced ratio: `up` output samples for `down` input samples. */
  readonly #up: number;
  readonly #down: number;
  /** Input samples each side of an output sample that the filter reaches. */
  readonly #reach: number;
  readonly #cutoff: number;
  readonly #beta: number;
  readonly #phases: (Float64Array | undefined)[];
  #history: Float32Array;
  /** Index, in input samples, of the first sample of the history. */
  #historyStart = 0;
  #historyLength = 0;
  #produced = 0;
  #output = new Float32Array(0);

  constructor(
    readonly fromHz: number,
    readonly toHz: number,
  ) {
    const divisor = greatestCommonDivisor(fromHz, toHz);
    this.#up = toHz / divisor;
    this.#down = fromHz / divisor;
    const lowerHz = Math.min(fromHz, toHz);
    const transition = ((1 - PASSBAND) * lowerHz * 0.5) / fromHz;
    // Kaiser: length - 1 = (A - 8) / (2.285 dw), with dw in radians a sample.
    const length = 1 + (STOPBAND_DB - 8) / (2.285 * 2 * Math.PI * transition);
    this.#reach = Math.ceil(length / 2);
    this.#cutoff = (0.5 * (1 + PASSBAND) * 0.5 * lowerHz) / fromHz;
    this.#beta = 0.1102 * (STOPBAND_DB - 8.7);
    this.#phases = new Array<Float64Array | undefined>(this.#up);
    this.#history = new Float32Array(4 * this.#reach);
    this.reset();
  }

  /** Converts a block. The returned view is overwritten by the next call. */
  push(block: Float32Array): Float32Array {
    this.#append(block);
    return this.#produce(this.#historyStart + this.#historyLength - this.#reach);
  }

  /** What is left when the signal is over; silence is assumed after it. */
  flush(): Float32Array {
    const end = this.#historyStart + this.#historyLength;
    this.#append(new Float32Array(this.#reach));
    return this.#produce(end);
  }

  /** Forgets everything; the next sample is sample 0. */
  reset(): void {
    this.#produced = 0;
    this.#historyStart = -this.#reach;
    this.#historyLength = this.#reach;
    this.#history.fill(0, 0, this.#reach);
  }

  /** Produces every output sample that stands before input sample `endInput`. */
  #produce(endInput: number): Float32Array {
    const wanted = Math.max(0, Math.ceil((endInput * this.#up) / this.#down) - this.#produced);
    if (this.#output.length < wanted) this.#output = new Float32Array(wanted);
    for (let i = 0; i < wanted; i++) this.#output[i] = this.#sampleAt(this.#produced + i);
    this.#produced += wanted;
    this.#forget();
    return this.#output.subarray(0, wanted);
  }

  #sampleAt(index: number): number {
    const position = index * this.#down;
    const centre = Math.floor(position / this.#up);
    const taps = this.#phase(position % this.#up);
    const first = centre - this.#reach + 1 - this.#historyStart;
    let sum = 0;
    for (let k = 0; k < taps.length; k++) sum += (taps[k] as number) * (this.#history[first + k] as number);
    return sum;
  }

  /** Taps for an output sample `phase / up` of an input sample after its centre; each phase passes DC unchanged. */
  #phase(phase: number): Float64Array {
    const known = this.#phases[phase];
    if (known !== undefined) return known;
    const taps = new Float64Array(2 * this.#reach);
    let sum = 0;
    for (let k = 0; k < taps.length; k++) {
      const distance = k - this.#reach + 1 - phase / this.#up;
      const value = sinc(2 * this.#cutoff * distance) * kaiser(distance / this.#reach, this.#beta);
      taps[k] = value;
      sum += value;
    }
    for (let k = 0; k < taps.length; k++) taps[k] = (taps[k] as number) / sum;
    this.#phases[phase] = taps;
    return taps;
  }

  #append(block: Float32Array): void {
    const needed = this.#historyLength + block.length;
    if (needed > this.#history.length) {
      const larger = new Float32Array(2 * needed);
      larger.set(this.#history.subarray(0, this.#historyLength));
      this.#history = larger;
    }
    this.#history.set(block, this.#historyLength);
    this.#historyLength = needed;
  }

  /** Lets go of samples that no later output reaches. */
  #forget(): void {
    const centre = Math.floor((this.#produced * this.#down) / this.#up);
    const surplus = Math.min(this.#historyLength, centre - this.#reach + 1 - this.#historyStart);
    if (surplus <= 0) return;
    this.#history.copyWithin(0, surplus, this.#historyLength);
    this.#historyStart += surplus;
    this.#historyLength -= surplus;
  }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/** The Kaiser window at `x` from -1 to 1; 0 beyond. */
function kaiser(x: number, beta: number): number {
  return Math.abs(x) >= 1 ? 0 : bessel0(beta * Math.sqrt(1 - x * x)) / bessel0(beta);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function bessel0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > 1e-12 * sum; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

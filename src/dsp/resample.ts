import { DotProduct } from './dot-product.js';

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
  /** Taps of each phase, in rows of so many numbers, and behind them the history. */
  readonly #rows: DotProduct;
  readonly #rowLength: number;
  readonly #historyAt: number;
  /** Phases whose taps are known. */
  readonly #known: Uint8Array;
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
    this.#known = new Uint8Array(this.#up);
    this.#rowLength = DotProduct.rowLength(2 * this.#reach);
    this.#historyAt = this.#up * this.#rowLength;
    this.#rows = new DotProduct(this.#historyAt + 2 * this.#rowLength);
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
    this.#rows.numbers.fill(0, this.#historyAt, this.#historyAt + this.#reach);
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
    const first = centre - this.#reach + 1 - this.#historyStart;
    return this.#rows.of(this.#taps(position % this.#up), this.#historyAt + first, this.#rowLength);
  }

  /** Where the taps stand for an output sample `phase / up` of an input sample after its centre. */
  #taps(phase: number): number {
    const at = phase * this.#rowLength;
    if (this.#known[phase] === 0) {
      this.#rows.numbers.set(this.#phase(phase), at);
      this.#known[phase] = 1;
    }
    return at;
  }

  /** The taps of a phase; each passes DC unchanged. */
  #phase(phase: number): Float64Array {
    const taps = new Float64Array(2 * this.#reach);
    let sum = 0;
    for (let k = 0; k < taps.length; k++) {
      const distance = k - this.#reach + 1 - phase / this.#up;
      const value = sinc(2 * this.#cutoff * distance) * kaiser(distance / this.#reach, this.#beta);
      taps[k] = value;
      sum += value;
    }
    return taps.map((value) => value / sum);
  }

  #append(block: Float32Array): void {
    const end = this.#historyAt + this.#historyLength;
    const blockEnd = end + block.length;
    // A row reaches past the last sample; its taps are zeros there.
    this.#rows.reserve(blockEnd + this.#rowLength);
    this.#rows.numbers.set(block, end);
    this.#rows.numbers.fill(0, blockEnd, blockEnd + this.#rowLength);
    this.#historyLength += block.length;
  }

  /** Lets go of samples that no later output reaches. */
  #forget(): void {
    const centre = Math.floor((this.#produced * this.#down) / this.#up);
    const surplus = Math.min(this.#historyLength, centre - this.#reach + 1 - this.#historyStart);
    if (surplus <= 0) return;
    const at = this.#historyAt;
    this.#rows.numbers.copyWithin(at, at + surplus, at + this.#historyLength);
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

/** Full scale of a 16-bit sample, and the shift that brings a product of two back to 16 bits. */
const FULL_SCALE = 32_767;
const FRACTION_BITS = 15;
const HALF = 1 << (FRACTION_BITS - 1);
const FOURTH = Math.trunc(FULL_SCALE / 4);
const SECOND = Math.trunc(FULL_SCALE / 2);

/**
 * KISS FFT of real 16-bit samples (Mark Borgerding, `kiss_fftr.c`, FIXED_POINT 16) in its own integer arithmetic,
 * bit by bit: every stage halves or quarters what it is given, rounding as KISS FFT rounds. Of 2 x 4^n points.
 */
export class FixedFft {
  /** Bins 0 to points / 2: real and imaginary part one after the other. */
  readonly output: Int16Array;
  readonly #half: number;
  readonly #order: Uint16Array;
  readonly #twiddles: Int16Array;
  readonly #lastTwiddles: Int16Array;
  readonly #work: Int16Array;

  constructor(points: number) {
    const half = points / 2;
    this.#half = half;
    this.#order = digitsReversed(half);
    this.#twiddles = twiddles(half, (i) => (-2 * Math.PI * i) / half, half);
    this.#lastTwiddles = twiddles(half / 2, (i) => -Math.PI * ((i + 1) / half + 0.5), half / 2);
    this.#work = new Int16Array(points);
    this.output = new Int16Array(points + 2);
  }

  /** @param input as many samples as it has points. */
  run(input: Int16Array): void {
    const work = this.#work;
    const order = this.#order;
    for (let i = 0; i < this.#half; i++) {
      const from = 2 * (order[i] as number);
      work[2 * i] = input[from] as number;
      work[2 * i + 1] = input[from + 1] as number;
    }
    this.#firstStage();
    for (let size = 4; size < this.#half; size *= 4) this.#stage(size, this.#half / (4 * size));
    this.#unpack();
  }

  /** Twiddles of 1: a product with full scale rounds to what it was. */
  #firstStage(): void {
    const work = this.#work;
    for (let at = 0; at < work.length; at += 8) {
      const r0 = ((work[at] as number) * FOURTH + HALF) >> FRACTION_BITS;
      const i0 = ((work[at + 1] as number) * FOURTH + HALF) >> FRACTION_BITS;
      const r1 = ((work[at + 2] as number) * FOURTH + HALF) >> FRACTION_BITS;
      const i1 = ((work[at + 3] as number) * FOURTH + HALF) >> FRACTION_BITS;
      const r2 = ((work[at + 4] as number) * FOURTH + HALF) >> FRACTION_BITS;
      const i2 = ((work[at + 5] as number) * FOURTH + HALF) >> FRACTION_BITS;
      const r3 = ((work[at + 6] as number) * FOURTH + HALF) >> FRACTION_BITS;
      const i3 = ((work[at + 7] as number) * FOURTH + HALF) >> FRACTION_BITS;
      work[at] = r0 + r2 + r1 + r3;
      work[at + 1] = i0 + i2 + i1 + i3;
      work[at + 2] = r0 - r2 + i1 - i3;
      work[at + 3] = i0 - i2 - r1 + r3;
      work[at + 4] = r0 + r2 - r1 - r3;
      work[at + 5] = i0 + i2 - i1 - i3;
      work[at + 6] = r0 - r2 - i1 + i3;
      work[at + 7] = i0 - i2 + r1 - r3;
    }
  }

  /** Joins four transforms of `size` points each, all along the buffer. */
  #stage(size: number, stride: number): void {
    const work = this.#work;
    const twiddles = this.#twiddles;
    const step = 2 * size;
    for (let group = 0; group < work.length; group += 4 * step) {
      for (let k = 0; k < size; k++) {
        const at = group + 2 * k;
        const t1 = 2 * k * stride;
        const r0 = ((work[at] as number) * FOURTH + HALF) >> FRACTION_BITS;
        const i0 = ((work[at + 1] as number) * FOURTH + HALF) >> FRACTION_BITS;
        const a = ((work[at + step] as number) * FOURTH + HALF) >> FRACTION_BITS;
        const b = ((work[at + step + 1] as number) * FOURTH + HALF) >> FRACTION_BITS;
        const c = ((work[at + 2 * step] as number) * FOURTH + HALF) >> FRACTION_BITS;
        const d = ((work[at + 2 * step + 1] as number) * FOURTH + HALF) >> FRACTION_BITS;
        const e = ((work[at + 3 * step] as number) * FOURTH + HALF) >> FRACTION_BITS;
        const f = ((work[at + 3 * step + 1] as number) * FOURTH + HALF) >> FRACTION_BITS;
        const p = twiddles[t1] as number;
        const q = twiddles[t1 + 1] as number;
        const s = twiddles[2 * t1] as number;
        const t = twiddles[2 * t1 + 1] as number;
        const u = twiddles[3 * t1] as number;
        const v = twiddles[3 * t1 + 1] as number;
        const r1 = (a * p - b * q + HALF) >> FRACTION_BITS;
        const i1 = (a * q + b * p + HALF) >> FRACTION_BITS;
        const r2 = (c * s - d * t + HALF) >> FRACTION_BITS;
        const i2 = (c * t + d * s + HALF) >> FRACTION_BITS;
        const r3 = (e * u - f * v + HALF) >> FRACTION_BITS;
        const i3 = (e * v + f * u + HALF) >> FRACTION_BITS;
        work[at] = r0 + r2 + r1 + r3;
        work[at + 1] = i0 + i2 + i1 + i3;
        work[at + step] = r0 - r2 + i1 - i3;
        work[at + step + 1] = i0 - i2 - r1 + r3;
        work[at + 2 * step] = r0 + r2 - r1 - r3;
        work[at + 2 * step + 1] = i0 + i2 - i1 - i3;
        work[at + 3 * step] = r0 - r2 - i1 + i3;
        work[at + 3 * step + 1] = i0 - i2 + r1 - r3;
      }
    }
  }

  /** Samples went in two by two, as real and imaginary parts: takes them apart again. */
  #unpack(): void {
    const work = this.#work;
    const output = this.output;
    const half = this.#half;
    const dcR = ((work[0] as number) * SECOND + HALF) >> FRACTION_BITS;
    const dcI = ((work[1] as number) * SECOND + HALF) >> FRACTION_BITS;
    output[0] = dcR + dcI;
    output[1] = 0;
    output[2 * half] = dcR - dcI;
    output[2 * half + 1] = 0;
    for (let k = 1; k <= half / 2; k++) {
      const low = 2 * k;
      const high = 2 * (half - k);
      const lowR = ((work[low] as number) * SECOND + HALF) >> FRACTION_BITS;
      const lowI = ((work[low + 1] as number) * SECOND + HALF) >> FRACTION_BITS;
      const highR = ((work[high] as number) * SECOND + HALF) >> FRACTION_BITS;
      const highI = (-(work[high + 1] as number) * SECOND + HALF) >> FRACTION_BITS;
      const sumR = lowR + highR;
      const sumI = lowI + highI;
      const differenceR = lowR - highR;
      const differenceI = lowI - highI;
      const p = this.#lastTwiddles[low - 2] as number;
      const q = this.#lastTwiddles[low - 1] as number;
      const turnedR = (differenceR * p - differenceI * q + HALF) >> FRACTION_BITS;
      const turnedI = (differenceR * q + differenceI * p + HALF) >> FRACTION_BITS;
      output[low] = (sumR + turnedR) >> 1;
      output[low + 1] = (sumI + turnedI) >> 1;
      output[high] = (sumR - turnedR) >> 1;
      output[high + 1] = (turnedI - sumI) >> 1;
    }
  }
}

/** Where each point comes from: its place in base 4, read backwards. */
function digitsReversed(points: number): Uint16Array {
  return Uint16Array.from({ length: points }, (_, i) => {
    let reversed = 0;
    for (let size = 1, rest = i; size < points; size *= 4, rest >>= 2) reversed = 4 * reversed + (rest & 3);
    return reversed;
  });
}

function twiddles(count: number, phaseOf: (i: number) => number, length: number): Int16Array {
  const found = new Int16Array(2 * length);
  for (let i = 0; i < count; i++) {
    const phase = phaseOf(i);
    found[2 * i] = Math.floor(0.5 + FULL_SCALE * Math.cos(phase));
    found[2 * i + 1] = Math.floor(0.5 + FULL_SCALE * Math.sin(phase));
  }
  return found;
}

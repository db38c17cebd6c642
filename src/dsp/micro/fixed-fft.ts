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

  /**
   * @param input as many samples as it has points
   * @param shift bits by which each is first shifted to the left; what no longer fits into 16 bits is lost.
   */
  run(input: Int16Array, shift = 0): void {
    this.#firstStage(input, shift);
    for (let size = 4; size < this.#half; size *= 4) this.#stage(size, this.#half / (4 * size));
    this.#unpack();
  }

  /** Twiddles of 1: a product with full scale rounds to what it was. */
  #firstStage(input: Int16Array, shift: number): void {
    const work = this.#work;
    const order = this.#order;
    // Shifted into the upper 16 bits of 32, where what is too high falls off, and back.
    const up = 16 + shift;
    for (let at = 0, point = 0; at < work.length; at += 8, point += 4) {
      const a = order[point] as number;
      const b = order[point + 1] as number;
      const c = order[point + 2] as number;
      const d = order[point + 3] as number;
      const r0 = fourth(((input[a] as number) << up) >> 16);
      const i0 = fourth(((input[a + 1] as number) << up) >> 16);
      const r1 = fourth(((input[b] as number) << up) >> 16);
      const i1 = fourth(((input[b + 1] as number) << up) >> 16);
      const r2 = fourth(((input[c] as number) << up) >> 16);
      const i2 = fourth(((input[c + 1] as number) << up) >> 16);
      const r3 = fourth(((input[d] as number) << up) >> 16);
      const i3 = fourth(((input[d + 1] as number) << up) >> 16);
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
        const r0 = fourth(work[at] as number);
        const i0 = fourth(work[at + 1] as number);
        const a = fourth(work[at + step] as number);
        const b = fourth(work[at + step + 1] as number);
        const c = fourth(work[at + 2 * step] as number);
        const d = fourth(work[at + 2 * step + 1] as number);
        const e = fourth(work[at + 3 * step] as number);
        const f = fourth(work[at + 3 * step + 1] as number);
        const p = twiddles[t1] as number;
        const q = twiddles[t1 + 1] as number;
        const s = twiddles[2 * t1] as number;
        const t = twiddles[2 * t1 + 1] as number;
        const u = twiddles[3 * t1] as number;
        const v = twiddles[3 * t1 + 1] as number;
        const r1 = (Math.imul(a, p) - Math.imul(b, q) + HALF) >> FRACTION_BITS;
        const i1 = (Math.imul(a, q) + Math.imul(b, p) + HALF) >> FRACTION_BITS;
        const r2 = (Math.imul(c, s) - Math.imul(d, t) + HALF) >> FRACTION_BITS;
        const i2 = (Math.imul(c, t) + Math.imul(d, s) + HALF) >> FRACTION_BITS;
        const r3 = (Math.imul(e, u) - Math.imul(f, v) + HALF) >> FRACTION_BITS;
        const i3 = (Math.imul(e, v) + Math.imul(f, u) + HALF) >> FRACTION_BITS;
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
    const dcR = second(work[0] as number);
    const dcI = second(work[1] as number);
    output[0] = dcR + dcI;
    output[1] = 0;
    output[2 * half] = dcR - dcI;
    output[2 * half + 1] = 0;
    for (let k = 1; k <= half / 2; k++) {
      const low = 2 * k;
      const high = 2 * (half - k);
      const lowR = second(work[low] as number);
      const lowI = second(work[low + 1] as number);
      const highR = second(work[high] as number);
      const highI = second(-(work[high + 1] as number));
      const sumR = lowR + highR;
      const sumI = lowI + highI;
      const differenceR = lowR - highR;
      const differenceI = lowI - highI;
      const p = this.#lastTwiddles[low - 2] as number;
      const q = this.#lastTwiddles[low - 1] as number;
      const turnedR = (Math.imul(differenceR, p) - Math.imul(differenceI, q) + HALF) >> FRACTION_BITS;
      const turnedI = (Math.imul(differenceR, q) + Math.imul(differenceI, p) + HALF) >> FRACTION_BITS;
      output[low] = (sumR + turnedR) >> 1;
      output[low + 1] = (sumI + turnedI) >> 1;
      output[high] = (sumR - turnedR) >> 1;
      output[high + 1] = (turnedI - sumI) >> 1;
    }
  }
}

/** `Math.imul` here and above: V8 checks every other product for an overflow, and this one for none. */
function fourth(value: number): number {
  return (Math.imul(value, FOURTH) + HALF) >> FRACTION_BITS;
}

function second(value: number): number {
  return (Math.imul(value, SECOND) + HALF) >> FRACTION_BITS;
}

/** Where the two samples of each point come from: its place in base 4, read backwards. */
function digitsReversed(points: number): Uint16Array {
  return Uint16Array.from({ length: points }, (_, i) => {
    let reversed = 0;
    for (let size = 1, rest = i; size < points; size *= 4, rest >>= 2) reversed = 4 * reversed + (rest & 3);
    return 2 * reversed;
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

import { type Code, f32, f32x4, get, i32, int, load, loop, set } from './wasm/code.js';
import { type WasmMemory, WasmModule } from './wasm/module.js';

const NUMBER_BYTES = Float32Array.BYTES_PER_ELEMENT;
const PAGE_BYTES = 65_536;
/** Rows are of a multiple of so many numbers. */
const STEP = 8;

const [A, B, END, EVEN, ODD] = [0, 1, 2, 3, 4];

/** Sums two vectors of four products each, for {@link STEP} numbers a turn, so that none waits for the other. */
function dotBody(): Code {
  const added = (sum: number, offset: number): Code =>
    set(sum, f32x4.add(get(sum), f32x4.mul(load(get(A), offset), load(get(B), offset))));
  const both = (first: number, second: number): Code =>
    f32.add(f32x4.lane(first, get(EVEN)), f32x4.lane(second, get(EVEN)));
  return [
    ...loop(A, get(A), get(END), STEP * NUMBER_BYTES, [
      ...[...added(EVEN, 0), ...added(ODD, 4 * NUMBER_BYTES)],
      ...set(B, i32.add(get(B), int(STEP * NUMBER_BYTES))),
    ]),
    ...set(EVEN, f32x4.add(get(EVEN), get(ODD))),
    ...f32.add(both(0, 1), both(2, 3)),
  ];
}

/**
 * JavaScript has no words for products of four numbers at a time, which WebAssembly has: from the places of two rows in
 * its memory, and where the first ends, to the sum of their products.
 */
const MODULE = new WasmModule({
  dot: { parameters: 3, integers: 0, vectors: 2, result: 'f32', body: dotBody() },
});

/** Rows of 32-bit numbers in a memory of their own, and the sums of their products, four numbers at a time. */
export class DotProduct {
  readonly #memory: WasmMemory;
  readonly #dot: (a: number, b: number, end: number) => number;
  #numbers: Float32Array;

  /** @param length numbers that it holds at first. */
  constructor(length: number) {
    const { memory, dot } = MODULE.instance();
    this.#memory = memory;
    this.#dot = dot;
    this.#numbers = new Float32Array(this.#memory.buffer);
    this.reserve(length);
  }

  /** How many numbers a row takes up that has `length`; zeros behind them change no sum. */
  static rowLength(length: number): number {
    return Math.ceil(length / STEP) * STEP;
  }

  /** All that it holds; good until more is reserved. */
  get numbers(): Float32Array {
    return this.#numbers;
  }

  /** Makes room for so many numbers; what it holds stays. */
  reserve(length: number): void {
    const missing = length * NUMBER_BYTES - this.#memory.buffer.byteLength;
    if (missing <= 0) return;
    this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    this.#numbers = new Float32Array(this.#memory.buffer);
  }

  /** The sum of products of the rows that begin at `a` and `b`; `length` as {@link rowLength} says. */
  of(a: number, b: number, length: number): number {
    return this.#dot(a * NUMBER_BYTES, b * NUMBER_BYTES, (a + length) * NUMBER_BYTES);
  }
}

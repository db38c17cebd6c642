const NUMBER_BYTES = Float32Array.BYTES_PER_ELEMENT;
const PAGE_BYTES = 65_536;
/** Rows are of a multiple of so many numbers. */
const STEP = 8;

/** Sums two vectors of four products each, for {@link STEP} numbers a turn, so that none waits for the other. */
const BODY = [
  ...[0x01, 0x02, 0x7b], // (local $even v128) (local $odd v128)
  ...[0x03, 0x40], // (loop
  ...[0x20, 3, 0x20, 0, 0xfd, 0, 2, 0, 0x20, 1, 0xfd, 0, 2, 0], // $even, (v128.load $a), (v128.load $b)
  ...[0xfd, 0xe6, 0x01, 0xfd, 0xe4, 0x01, 0x21, 3], // f32x4.mul, f32x4.add, (local.set $even)
  ...[0x20, 4, 0x20, 0, 0xfd, 0, 2, 16, 0x20, 1, 0xfd, 0, 2, 16], // $odd, and the next four of each
  ...[0xfd, 0xe6, 0x01, 0xfd, 0xe4, 0x01, 0x21, 4], // f32x4.mul, f32x4.add, (local.set $odd)
  ...[0x20, 0, 0x41, 4 * STEP, 0x6a, 0x22, 0], // (local.tee $a (i32.add $a (i32.const 32)))
  ...[0x20, 1, 0x41, 4 * STEP, 0x6a, 0x21, 1], // (local.set $b (i32.add $b (i32.const 32)))
  ...[0x20, 2, 0x49, 0x0d, 0, 0x0b], // (br_if 0 (i32.lt_u $end)))
  ...[0x20, 3, 0x20, 4, 0xfd, 0xe4, 0x01, 0x21, 3], // (local.set $even (f32x4.add $even $odd))
  ...[0x20, 3, 0xfd, 0x1f, 0, 0x20, 3, 0xfd, 0x1f, 1, 0x92], // lanes 0 and 1, f32.add
  ...[0x20, 3, 0xfd, 0x1f, 2, 0x20, 3, 0xfd, 0x1f, 3, 0x92], // lanes 2 and 3, f32.add
  ...[0x92, 0x0b], // f32.add)
];

/**
 * JavaScript has no words for products of four numbers at a time, which WebAssembly has: from the places of two rows in
 * its memory, and where the first ends, to the sum of their products. Assembled by hand, its listing beside it.
 */
const MODULE = Uint8Array.of(
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // (module, version 1
  ...[0x01, 8, 1, 0x60, 3, 0x7f, 0x7f, 0x7f, 1, 0x7d], // (type (func (param $a $b $end i32) (result f32)))
  ...[0x03, 2, 1, 0], // (func of that type)
  ...[0x05, 3, 1, 0, 1], // (memory of one page)
  ...[0x07, 16, 2, 6, 0x6d, 0x65, 0x6d, 0x6f, 0x72, 0x79, 2, 0], // (export "memory")
  ...[3, 0x64, 0x6f, 0x74, 0, 0], // (export "dot")
  ...[0x0a, BODY.length + 2, 1, BODY.length, ...BODY], // the body)
);

interface Memory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

interface Exports {
  readonly memory: Memory;
  readonly dot: (a: number, b: number, end: number) => number;
}

/** TypeScript describes it among what browsers have. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: Exports };
  };
};

/** Rows of 32-bit numbers in a memory of their own, and the sums of their products, four numbers at a time. */
export class DotProduct {
  readonly #memory: Memory;
  readonly #dot: Exports['dot'];
  #numbers: Float32Array;

  /** @param length numbers that it holds at first. */
  constructor(length: number) {
    const { memory, dot } = new WebAssembly.Instance(new WebAssembly.Module(MODULE)).exports;
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

import { type Code, unsigned } from './code.js';

/** A function that takes 32-bit integers; its locals count on from its parameters, integers first. */
interface WasmFunction {
  readonly parameters: number;
  readonly integers: number;
  readonly vectors: number;
  readonly result: 'i32' | 'f32';
  /** Leaves its result. */
  readonly body: Code;
}

export interface WasmMemory {
  /** Another one after it has grown. */
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

type Exports<Name extends string> = { readonly memory: WasmMemory } & {
  readonly [K in Name]: (...values: readonly number[]) => number;
};

/** TypeScript describes it among what browsers have. */
const { WebAssembly } = globalThis as unknown as {
  readonly WebAssembly: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object) => { readonly exports: object };
  };
};

const TYPES = { i32: 0x7f, f32: 0x7d, v128: 0x7b } as const;
const [FUNCTION_KIND, MEMORY_KIND] = [0, 2];

/** Functions over a memory of their own, of one page of 64 KiB at first, compiled once and made as often as wanted. */
export class WasmModule<Name extends string> {
  readonly #module: object;

  constructor(functions: Readonly<Record<Name, WasmFunction>>) {
    const named = Object.entries<WasmFunction>(functions);
    const types = named.map(([, { parameters, result }]) => [
      0x60,
      parameters,
      ...Array(parameters).fill(TYPES.i32),
      1,
      TYPES[result],
    ]);
    const exported = named.map(([name], i) => [...text(name), FUNCTION_KIND, i]);
    this.#module = new WebAssembly.Module(
      Uint8Array.from([
        ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
        ...section(1, types),
        ...section(
          3,
          named.map((_, i) => [i]),
        ),
        ...section(5, [[0, 1]]),
        ...section(7, [[...text('memory'), MEMORY_KIND, 0], ...exported]),
        ...section(
          10,
          named.map(([, each]) => sized(bodyOf(each))),
        ),
      ]),
    );
  }

  instance(): Exports<Name> {
    return new WebAssembly.Instance(this.#module).exports as Exports<Name>;
  }
}

function bodyOf({ integers, vectors, body }: WasmFunction): Code {
  return [2, integers, TYPES.i32, vectors, TYPES.v128, ...body, 0x0b];
}

function section(id: number, entries: readonly Code[]): Code {
  return [id, ...sized([...unsigned(entries.length), ...entries.flat()])];
}

function text(value: string): Code {
  return sized([...Buffer.from(value)]);
}

function sized(code: Code): Code {
  return [...unsigned(code.length), ...code];
}

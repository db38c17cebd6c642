/** WebAssembly's instructions as expressions that nest: each yields the bytes of its operands, then its own. */
export type Code = readonly number[];

/** A whole number above 0 in LEB128. */
export function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): Code {
  return value >= -0x40 && value < 0x40 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}

type Instruction = (...operands: readonly Code[]) => Code;

const plain =
  (opcode: number): Instruction =>
  (...operands) => [...operands.flat(), opcode];

/** Of four or more numbers at a time. */
const wide =
  (opcode: number): Instruction =>
  (...operands) => [...operands.flat(), 0xfd, ...unsigned(opcode)];

export const get = (local: number): Code => [0x20, local];
export const set = (local: number, value: Code): Code => [...value, 0x21, local];
const tee = (local: number, value: Code): Code => [...value, 0x22, local];
export const int = (value: number): Code => [0x41, ...signed(value)];

export const i32 = {
  clz: plain(0x67),
  add: plain(0x6a),
  sub: plain(0x6b),
  and: plain(0x71),
  or: plain(0x72),
  shl: plain(0x74),
  shrU: plain(0x76),
  load: (address: Code, offset = 0): Code => [...address, 0x28, 0, ...unsigned(offset)],
} as const;

export const f32 = { add: plain(0x92) } as const;
export const f64 = { ofUnsigned: plain(0xb8) } as const;

/** 16 bytes from and to anywhere in the memory. */
export const load = (address: Code, offset = 0): Code => [...address, 0xfd, 0x00, 0, ...unsigned(offset)];
export const store = (address: Code, offset: number, value: Code): Code => [
  ...[...address, ...value],
  ...[0xfd, 0x0b, 0, ...unsigned(offset)],
];
/** Moves bytes; where both places overlap, as if by way of a third. */
export const copy = (to: Code, from: Code, bytes: Code): Code => [
  ...[...to, ...from, ...bytes],
  ...[0xfc, 0x0a, 0, 0],
];
export const or = wide(0x50);
export const xor = wide(0x51);
/** Bytes of two vectors, the second's counted from 16. */
export const shuffle = (bytes: readonly number[], first: Code, second: Code): Code => [
  ...[...first, ...second],
  ...[0xfd, 0x0d, ...bytes],
];
/** The bytes of numbers in a vector. */
export const vector = (values: Int16Array | Int32Array | Float32Array): Code => [
  ...[0xfd, 0x0c],
  ...new Uint8Array(values.buffer, values.byteOffset, 16),
];

export const i16x8 = {
  abs: wide(0x80),
  /** Products of 2^15, rounded. */
  mulQ15: wide(0x82),
  /** Of two vectors of 32 bits, each number cut to what 16 hold. */
  narrow: wide(0x85),
  shl: wide(0x8b),
  add: wide(0x8e),
  sub: wide(0x91),
} as const;

export const i32x4 = {
  lane: (lane: number, value: Code): Code => [...value, 0xfd, 0x1b, lane],
  shl: wide(0xab),
  shr: wide(0xac),
  add: wide(0xae),
  sub: wide(0xb1),
  /** Of 16-bit numbers: sums of the products of two each. */
  dot: wide(0xba),
  /** Products of the lower and the upper four 16-bit numbers. */
  mulLow: wide(0xbc),
  mulHigh: wide(0xbd),
  truncated: wide(0xf8),
} as const;

export const f32x4 = {
  lane: (lane: number, value: Code): Code => [...value, 0xfd, 0x1f, lane],
  greaterOrEqual: wide(0x46),
  floor: wide(0x68),
  add: wide(0xe4),
  sub: wide(0xe5),
  mul: wide(0xe6),
} as const;

export const f64x2 = { splat: wide(0x14), add: wide(0xf0), mul: wide(0xf2) } as const;

/** Does `body` at least once, `local` going up by `step` as long as it is below `end`. */
export function loop(local: number, from: Code, end: Code, step: number, body: Code): Code {
  const next = tee(local, i32.add(get(local), int(step)));
  return [...set(local, from), 0x03, 0x40, ...body, ...next, ...end, 0x49, 0x0d, 0, 0x0b];
}

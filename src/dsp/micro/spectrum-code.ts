import {
  type Code,
  copy,
  f32x4,
  f64,
  f64x2,
  get,
  i16x8,
  i32,
  i32x4,
  int,
  load,
  loop,
  or,
  set,
  shuffle,
  store,
  vector,
  xor,
} from '../wasm/code.js';
import { WasmModule } from '../wasm/module.js';

export const WINDOW_BITS = 12;
/** Points of the transform: complex ones, of which each is made of two samples. */
export const HALF_POINTS = 256;
/** 32-bit samples that it holds: the usual hop, and more. */
export const FLOATS_LENGTH = 2048;
/** Transforms that are joined by fours, by the points that they have before. */
const SIZES = [4, 16, 64] as const;
/** What a product of two 16-bit fractions is brought back by. */
const FRACTION_BITS = 15;
const POINT_BYTES = 4;
const VECTOR_BYTES = 16;
/** Each point of a vector needs two forms of its twiddle. */
const TWIDDLE_BYTES = 2 * VECTOR_BYTES;
const STAGE_TWIDDLES = (3 * TWIDDLE_BYTES * (SIZES[0] + SIZES[1] + SIZES[2])) / 4;
const SPECTRUM_BYTES = HALF_POINTS * POINT_BYTES;

/** Where in its memory things lie, in bytes. */
export const PLACES = placed({
  /** 16 bits each: samples as they are, the window and 0 behind it as far as the transform is longer, their product. */
  samples: SPECTRUM_BYTES,
  window: SPECTRUM_BYTES,
  windowed: SPECTRUM_BYTES,
  work: SPECTRUM_BYTES,
  twiddles: STAGE_TWIDDLES,
  lastTwiddles: (HALF_POINTS / 8) * TWIDDLE_BYTES,
  /** Of bins 0 to {@link HALF_POINTS}, 32 bits each; that of bin 0 is not found. */
  energies: SPECTRUM_BYTES + VECTOR_BYTES,
  /** Of each bin, two numbers of 64 bits. */
  weights: HALF_POINTS * VECTOR_BYTES,
  /** By channel: where in `weights` it ends, 32 bits each. */
  ends: 64 * 4,
  /** By channel: the two sums, of 64 bits. */
  sums: 64 * VECTOR_BYTES,
  /** 32-bit samples as they come, and room behind them for what is read past their end. */
  floats: FLOATS_LENGTH * 4 + 2 * VECTOR_BYTES,
});

function placed<Name extends string>(lengths: Record<Name, number>): Readonly<Record<Name, number>> {
  let at = 0;
  const places = { ...lengths };
  for (const name of Object.keys(lengths) as Name[]) {
    places[name] = at;
    at += lengths[name];
  }
  return places;
}

/** Pairs of a vector are real and imaginary parts of four points. */
const pairs = (real: number, imaginary: number): Code =>
  vector(Int16Array.from({ length: 8 }, (_, i) => (i % 2 === 0 ? real : imaginary)));
const all32 = (value: number): Code => vector(new Int32Array(4).fill(value));
const lanes = (...order: readonly number[]): readonly number[] =>
  order.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]);
const FOURTH = pairs(8191, 8191);
const HALF = 1 << (FRACTION_BITS - 1);
const SWAPPED = [2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13];
const LOW_HALVES = [0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29];

/** Real and imaginary parts of 32 bits as four points. */
const points = (real: Code, imaginary: Code): Code => shuffle(LOW_HALVES, real, imaginary);
const reversed = (value: Code): Code => shuffle(lanes(3, 2, 1, 0), value, value);

/** A product with one form of a twiddle: its real or its imaginary part, of 32 bits. */
const part = (value: number, twiddle: Code): Code =>
  i32x4.shr(i32x4.add(i32x4.dot(get(value), twiddle), all32(HALF)), int(FRACTION_BITS));

/** To 16 bits, halves up, in units of the least of them. */
function takeBody(): Code {
  const [to, at, end, value, floor] = [0, 1, 2, 3, 4];
  const rounded = (offset: number): Code => [
    ...set(value, f32x4.mul(load(get(at), PLACES.floats + offset), vector(new Float32Array(4).fill(32_768)))),
    ...set(floor, f32x4.floor(get(value))),
    ...i32x4.sub(
      i32x4.truncated(get(floor)),
      f32x4.greaterOrEqual(f32x4.sub(get(value), get(floor)), vector(new Float32Array(4).fill(0.5))),
    ),
  ];
  return [
    ...loop(at, get(at), get(end), 2 * VECTOR_BYTES, [
      ...store(get(to), PLACES.samples, i16x8.narrow(rounded(0), rounded(VECTOR_BYTES))),
      ...set(to, i32.add(get(to), int(VECTOR_BYTES))),
    ]),
    ...int(0),
  ];
}

const [FIRST, END, STEP, SHIFT, AT, HIGH, TWIDDLE, GROUP] = [0, 1, 2, 3, 4, 5, 6, 7];
const [A, B, C, D, E, F] = [8, 9, 10, 11, 12, 13];

/** Weighs by the window, and finds how far what it leaves can be raised within 16 bits. */
function windowCode(): Code {
  const product = (half: typeof i32x4.mulLow): Code =>
    i32x4.shr(half(get(A), load(get(AT), PLACES.window)), int(WINDOW_BITS));
  const either = (first: number, second: number): Code =>
    i32.or(i32x4.lane(first, get(C)), i32x4.lane(second, get(C)));
  return [
    ...set(C, all32(0)),
    ...loop(AT, int(0), int(SPECTRUM_BYTES), VECTOR_BYTES, [
      ...set(A, load(get(AT), PLACES.samples)),
      ...set(A, i16x8.narrow(product(i32x4.mulLow), product(i32x4.mulHigh))),
      ...set(C, or(get(C), i16x8.abs(get(A)))),
      ...store(get(AT), PLACES.windowed, get(A)),
    ]),
    // The highest bit of all sizes together is that of the largest.
    ...set(SHIFT, i32.or(either(0, 1), either(2, 3))),
    // The size of the lowest 16-bit number does not fit into 15 bits: it counts for nothing, as in TensorFlow's.
    ...set(SHIFT, i32.and(i32.or(get(SHIFT), i32.shrU(get(SHIFT), int(16))), int(0x7fff))),
    ...set(SHIFT, i32.sub(i32.clz(get(SHIFT)), int(17))),
  ];
}

/** Joins A to D, in their places; a quarter turn is an exchange of parts and a change of sign. */
function butterfly(): Code {
  const turn = (value: number): Code =>
    i16x8.sub(xor(shuffle(SWAPPED, get(value), get(value)), pairs(0, -1)), pairs(0, -1));
  return [
    ...set(E, i16x8.sub(get(A), get(C))),
    ...set(A, i16x8.add(get(A), get(C))),
    ...set(F, i16x8.sub(get(B), get(D))),
    ...set(F, turn(F)),
    ...set(C, i16x8.add(get(B), get(D))),
    ...set(B, i16x8.add(get(E), get(F))),
    ...set(D, i16x8.sub(get(E), get(F))),
    ...set(E, get(C)),
    ...set(C, i16x8.sub(get(A), get(E))),
    ...set(A, i16x8.add(get(A), get(E))),
  ];
}

/** Twiddles of 1: a product with full scale rounds to what it was. Reads four transforms side by side. */
function firstStage(): Code {
  const quarter = SPECTRUM_BYTES / 4;
  const taken = (to: number, i: number): Code =>
    set(to, i16x8.mulQ15(i16x8.shl(load(get(AT), PLACES.windowed + i * quarter), get(SHIFT)), FOURTH));
  const interleaved = (low: number, first: number, second: number): Code =>
    shuffle(lanes(low, low + 4, low + 1, low + 5), get(first), get(second));
  const put = (i: number, first: number, second: number): Code =>
    store(
      get(HIGH),
      PLACES.work + i * quarter,
      shuffle(i % 2 === 0 ? lanes(0, 1, 4, 5) : lanes(2, 3, 6, 7), get(first), get(second)),
    );
  // Of the place in base 4, read backwards, the first digit is the lane, the others change places.
  const place = i32.or(
    i32.shl(i32.and(get(AT), int(3 * VECTOR_BYTES)), int(2)),
    i32.and(i32.shrU(get(AT), int(2)), int(3 * VECTOR_BYTES)),
  );
  return loop(AT, int(0), int(quarter), VECTOR_BYTES, [
    ...[...taken(A, 0), ...taken(B, 1), ...taken(C, 2), ...taken(D, 3)],
    ...butterfly(),
    ...set(E, interleaved(0, A, B)),
    ...set(F, interleaved(0, C, D)),
    ...set(A, interleaved(2, A, B)),
    ...set(C, interleaved(2, C, D)),
    ...set(HIGH, place),
    ...[...put(0, E, F), ...put(1, E, F), ...put(2, A, C), ...put(3, A, C)],
  ]);
}

/** Joins four transforms of `size` points each, all along the buffer, four points at a time. */
function stage(size: number, twiddlesAt: number): Code {
  const step = size * POINT_BYTES;
  const turned = (to: number, i: number): Code => {
    const twiddle = (form: number): Code =>
      load(get(TWIDDLE), twiddlesAt + i * TWIDDLE_BYTES + form * VECTOR_BYTES);
    return [
      ...set(to, i16x8.mulQ15(load(get(AT), PLACES.work + (i + 1) * step), FOURTH)),
      ...set(to, points(part(to, twiddle(0)), part(to, twiddle(1)))),
    ];
  };
  return loop(GROUP, int(0), int(SPECTRUM_BYTES), 4 * step, [
    ...set(TWIDDLE, int(0)),
    ...loop(AT, get(GROUP), i32.add(get(GROUP), int(step)), VECTOR_BYTES, [
      ...set(A, i16x8.mulQ15(load(get(AT), PLACES.work), FOURTH)),
      ...[...turned(B, 0), ...turned(C, 1), ...turned(D, 2)],
      ...butterfly(),
      ...[A, B, C, D].flatMap((value, i) => store(get(AT), PLACES.work + i * step, get(value))),
      ...set(TWIDDLE, i32.add(get(TWIDDLE), int(3 * TWIDDLE_BYTES))),
    ]),
  ]);
}

/** Samples went in two by two, as real and imaginary parts: takes them apart again, and squares. */
function unpack(): Code {
  const upper = (value: number): Code => i32x4.shr(get(value), int(16));
  const lower = (value: number): Code => i32x4.shr(i32x4.shl(get(value), int(16)), int(16));
  const halved = (value: Code): Code => i32x4.shr(value, int(1));
  const twiddle = (form: number): Code => load(get(TWIDDLE), PLACES.lastTwiddles + form * VECTOR_BYTES);
  return [
    ...set(HIGH, int(SPECTRUM_BYTES - VECTOR_BYTES)),
    ...set(TWIDDLE, int(0)),
    ...loop(AT, int(POINT_BYTES), int(SPECTRUM_BYTES / 2), VECTOR_BYTES, [
      ...set(A, i16x8.mulQ15(load(get(AT), PLACES.work), pairs(16_383, 16_383))),
      ...set(B, i16x8.mulQ15(reversed(load(get(HIGH), PLACES.work)), pairs(16_383, -16_383))),
      ...set(C, i16x8.sub(get(A), get(B))),
      ...set(A, i16x8.add(get(A), get(B))),
      ...[...set(D, part(C, twiddle(0))), ...set(E, part(C, twiddle(1)))],
      ...[...set(B, lower(A)), ...set(A, upper(A))],
      ...set(C, points(halved(i32x4.add(get(B), get(D))), halved(i32x4.add(get(A), get(E))))),
      ...store(get(AT), PLACES.energies, i32x4.dot(get(C), get(C))),
      ...set(C, points(halved(i32x4.sub(get(B), get(D))), halved(i32x4.sub(get(E), get(A))))),
      ...store(get(HIGH), PLACES.energies, reversed(i32x4.dot(get(C), get(C)))),
      ...set(HIGH, i32.sub(get(HIGH), int(VECTOR_BYTES))),
      ...set(TWIDDLE, i32.add(get(TWIDDLE), int(TWIDDLE_BYTES))),
    ]),
  ];
}

/** Sums of each channel: of what lies in it, and of what is left to the next. All are whole and below 2^53. */
function channels(): Code {
  const energy = f64.ofUnsigned(i32.load(i32.shrU(get(AT), int(2)), PLACES.energies));
  return [
    ...set(AT, get(FIRST)),
    ...loop(GROUP, int(0), get(END), 4, [
      ...set(A, all32(0)),
      ...loop(AT, get(AT), i32.load(get(GROUP), PLACES.ends), VECTOR_BYTES, [
        ...set(A, f64x2.add(get(A), f64x2.mul(f64x2.splat(energy), load(get(AT), PLACES.weights)))),
      ]),
      ...store(i32.shl(get(GROUP), int(2)), PLACES.sums, get(A)),
    ]),
  ];
}

/** Where twiddles of each of {@link SIZES} begin, from {@link PLACES}. */
export const STAGES = SIZES.map((size, i) => ({
  size,
  twiddlesAt:
    PLACES.twiddles +
    SIZES.slice(0, i).reduce((bytes, before) => bytes + (3 * TWIDDLE_BYTES * before) / 4, 0),
}));

/** Moves samples to the front, over those that the next frame is without. */
function advance(): Code {
  const from = i32.add(int(PLACES.samples), get(STEP));
  return copy(int(PLACES.samples), from, i32.sub(int(SPECTRUM_BYTES), get(STEP)));
}

/**
 * `take(to, from, end)`: the samples between two bytes of `floats`, as 16 bits from the byte `to` of `samples`; up to
 * seven more are written. `frame(first, end, step)`: from `samples` to `sums`, from the byte `first` of `weights`, as
 * far as the byte `end` of `ends`, and lets go of the first `step` bytes of `samples`; returns by how many bits samples
 * were raised.
 */
export const SPECTRUM = new WasmModule({
  take: { parameters: 3, integers: 0, vectors: 2, result: 'i32', body: takeBody() },
  frame: {
    parameters: 3,
    integers: 5,
    vectors: 6,
    result: 'i32',
    body: [
      ...windowCode(),
      ...advance(),
      ...firstStage(),
      ...STAGES.flatMap(({ size, twiddlesAt }) => stage(size, twiddlesAt)),
      ...unpack(),
      ...channels(),
      ...get(SHIFT),
    ],
  },
});

const WEIGHT_BITS = 12;

/** Which bins a channel is summed from, and how they weigh. */
export interface Filterbank {
  readonly firstBin: number;
  /** Where each channel and the one above all of them begins, in bins; one more closes the last. */
  readonly starts: Int32Array;
  /** By bin: its share of the channel that it lies in, of 2^12; the rest goes to the next channel. */
  readonly weights: Int32Array;
  readonly unweights: Int32Array;
}

/**
 * Triangular mel channels in TensorFlow Lite Micro's arithmetic (`filterbank_util.c`), single precision and all. A
 * bin lies in the falling flank of one channel and in the rising one of the next.
 */
export function filterbankOf(channels: number, lowHz: number, highHz: number, hzPerBin: number): Filterbank {
  const low = toMel(lowHz);
  const spacing = Math.fround(Math.fround(toMel(highHz) - low) / (channels + 1));
  const centres = Array.from({ length: channels + 1 }, (_, i) =>
    Math.fround(low + Math.fround(spacing * (i + 1))),
  );
  const firstBin = Math.trunc(Math.fround(1.5 + Math.fround(lowHz / hzPerBin)));
  const starts = new Int32Array(channels + 2);
  const weights: number[] = [];
  const unweights: number[] = [];
  let bin = firstBin;
  for (const [channel, centre] of centres.entries()) {
    starts[channel] = bin;
    const below = channel === 0 ? low : (centres[channel - 1] as number);
    for (; toMel(bin * hzPerBin) <= centre; bin++) {
      const weight = Math.fround(Math.fround(centre - toMel(bin * hzPerBin)) / Math.fround(centre - below));
      weights.push(quantised(weight));
      unweights.push(quantised(Math.fround(1 - weight)));
    }
  }
  starts[channels + 1] = bin;
  return { firstBin, starts, weights: Int32Array.from(weights), unweights: Int32Array.from(unweights) };
}

function quantised(weight: number): number {
  return Math.floor(Math.fround(Math.fround(weight * (1 << WEIGHT_BITS)) + 0.5));
}

function toMel(hz: number): number {
  return Math.fround(1127 * log1pf(Math.fround(hz / 700)));
}

const f32 = Math.fround;
const bits = new DataView(new ArrayBuffer(4));
const LN_2_HIGH = f32(6.9313812256e-1);
const LN_2_LOW = f32(9.0580006145e-6);
/** Of z + z^2 / 3 ... in s = f / (2 + f), z = s^2: the last first. */
const SERIES = [
  1.479819864e-1, 1.5313838422e-1, 1.818357259e-1, 2.2222198546e-1, 2.8571429849e-1, 4.0000000596e-1,
  6.6666668653e-1,
].map(f32);

/**
 * ln(1 + x) of x above 0 as fdlibm finds it in single precision (`s_log1pf.c`, in glibc and newlib): its last bit
 * differs now and then from the nearest number, and two of the weights with it.
 */
function log1pf(x: number): number {
  let octaves = 0;
  let f = x;
  let lost = 0;
  if (x >= f32(0.41421356)) {
    const u = f32(1 + x);
    bits.setFloat32(0, u);
    octaves = (bits.getUint32(0) >>> 23) - 127;
    lost = f32((octaves > 0 ? f32(1 - f32(u - x)) : f32(x - f32(u - 1))) / u);
    const mantissa = bits.getUint32(0) & 0x7fffff;
    const isLow = mantissa < 0x3504f7;
    bits.setUint32(0, mantissa | (isLow ? 0x3f800000 : 0x3f000000));
    if (!isLow) octaves += 1;
    f = f32(bits.getFloat32(0) - 1);
  }
  const square = f32(f32(0.5 * f) * f);
  const s = f32(f / f32(2 + f));
  const z = f32(s * s);
  const rest = SERIES.reduce((sum, term) => f32(f32(term + sum) * z), 0);
  const bent = f32(s * f32(square + rest));
  if (octaves === 0) return f32(f - f32(square - bent));
  const low = f32(f32(octaves * LN_2_LOW) + lost);
  return f32(f32(octaves * LN_2_HIGH) - f32(f32(square - f32(bent + low)) - f));
}

/** Square root to the nearest whole number, as `Sqrt64` finds it, of a whole number below 2^53. */
export function roundedRoot(value: number): number {
  let root = Math.floor(Math.sqrt(value));
  if (root * root > value) root -= 1;
  return value - root * root > root && root !== 0xffff ? root + 1 : root;
}

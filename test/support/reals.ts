import type { Tensor } from '../../src/engines/engine.js';

const UNQUANTISED = { scale: 1, zeroPoint: 0 };

/** Writes real values into a tensor, quantised where it holds 8-bit integers as TFLite's reference quantiser does. */
export function writeReals({ data, quantisation }: Tensor, values: Float32Array): void {
  if (data instanceof BigInt64Array) throw new Error('expected no 64-bit tensor');
  if (data instanceof Float32Array) {
    data.set(values);
    return;
  }
  const { scale, zeroPoint } = quantisation ?? UNQUANTISED;
  const least = data instanceof Int8Array ? -128 : 0;
  values.forEach((value, i) => {
    const rounded = Math.sign(value) * Math.round(Math.abs(value / scale)) + zeroPoint;
    data[i] = Math.min(least + 255, Math.max(least, rounded));
  });
}

/** A tensor's real values, its quantisation undone. */
export function realsOf({ data, quantisation }: Tensor): Float32Array {
  if (data instanceof BigInt64Array) throw new Error('expected no 64-bit tensor');
  const { scale, zeroPoint } = quantisation ?? UNQUANTISED;
  return Float32Array.from(data, (value) => (value - zeroPoint) * scale);
}

/**
 * What the phone network makes of each step of a sound before it settles for a phone: rows of `size` values, each
 * brought to length 1.
 */
export interface InnerValues {
  readonly steps: number;
  readonly size: number;
  readonly values: Float32Array;
}

/** Brings rows of values to length 1, in place. */
export function directions(values: Float32Array, steps: number): InnerValues {
  const size = values.length / steps;
  for (let step = 0; step < steps; step++) {
    const row = values.subarray(step * size, (step + 1) * size);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0)) || 1;
    for (let i = 0; i < size; i++) row[i] = (row[i] as number) / length;
  }
  return { steps, size, values };
}

/** The steps `[start, end)` alone. */
export function stretchOf({ steps, size, values }: InnerValues, start: number, end: number): InnerValues {
  const [from, to] = [Math.max(0, start), Math.min(steps, end)];
  return { steps: to - from, size, values: values.slice(from * size, to * size) };
}

/** Every second step alone. */
export function everySecond({ steps, size, values }: InnerValues): InnerValues {
  const kept = Math.ceil(steps / 2);
  const thinned = new Float32Array(kept * size);
  for (let step = 0; step < kept; step++)
    thinned.set(values.subarray(2 * step * size, (2 * step + 1) * size), step * size);
  return { steps: kept, size, values: thinned };
}

/** Middle value; NaN entries are left out, NaN when nothing is left. */
export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** The value below which a share `p` of `values` lies, interpolated; NaN entries are left out. */
export function quantile(values: ArrayLike<number>, p: number): number {
  return quantileOfSorted(sortedOf(values), p);
}

/** In ascending order, without NaN entries. */
export function sortedOf(values: ArrayLike<number>): Float64Array {
  // Typed arrays are sorted by value without a call a comparison, and NaN goes to their end.
  const sorted = Float64Array.from(values).sort();
  let { length } = sorted;
  while (length > 0 && Number.isNaN(sorted[length - 1])) length -= 1;
  return sorted.subarray(0, length);
}

/** As {@link quantile}, of what {@link sortedOf} gave; NaN of nothing. */
export function quantileOfSorted(sorted: Float64Array, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = p * (sorted.length - 1);
  const below = Math.floor(at);
  const low = sorted[below] as number;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] as number;
  return low + (high - low) * (at - below);
}

/** Milliseconds of the sample clock in samples. */
export function samplesIn(durationMs: number, rateHz: number): number {
  return Math.round((durationMs * rateHz) / 1000);
}

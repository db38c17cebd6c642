/** Samples `[start, end)` of a recording. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const BLOCK_MS = 20;

/**
 * Where the sound is: from the first to the last 20 ms block within `belowPeakDb` of the loudest one, with
 * `keepMs` to each side. All of a recording that is equally loud, and an empty span for no samples.
 */
export function loudSpan(data: Float32Array, rateHz: number, belowPeakDb: number, keepMs: number): Span {
  if (data.length === 0) return { start: 0, end: 0 };
  const block = Math.max(1, Math.round((rateHz * BLOCK_MS) / 1000));
  const powers = new Float64Array(Math.ceil(data.length / block));
  for (let i = 0; i < powers.length; i++) {
    const end = Math.min(data.length, (i + 1) * block);
    let sum = 0;
    for (let j = i * block; j < end; j++) sum += (data[j] as number) ** 2;
    powers[i] = sum / (end - i * block);
  }
  const peak = powers.reduce((most, power) => Math.max(most, power), 0);
  const least = peak * 10 ** (-belowPeakDb / 10);
  const first = powers.findIndex((power) => power >= least);
  const last = powers.findLastIndex((power) => power >= least);
  const keep = Math.round((rateHz * keepMs) / 1000);
  return {
    start: Math.max(0, first * block - keep),
    end: Math.min(data.length, (last + 1) * block + keep),
  };
}

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
  const powers = blockPowers(data, rateHz);
  const peak = powers.reduce((most, power) => Math.max(most, power), 0);
  return spanAbove(powers, peak * 10 ** (-belowPeakDb / 10), data.length, rateHz, keepMs);
}

/**
 * Where a word is, over a background: blocks within 25 dB of the loudest one and above the background (the tenth
 * percentile of the blocks) by more than two fifths of what the word stands out, in decibels.
 */
export function wordSpan(data: Float32Array, rateHz: number): Span {
  if (data.length === 0) return { start: 0, end: 0 };
  const powers = blockPowers(data, rateHz);
  const peak = powers.reduce((most, power) => Math.max(most, power), 0);
  const sounding = powers.filter((power) => power > 0).sort();
  const floor = sounding[Math.floor(sounding.length / 10)] ?? 0;
  const least = Math.max(peak * 10 ** (-WORD_DB / 10), floor ** 0.6 * peak ** 0.4);
  return spanAbove(powers, least, data.length, rateHz, 0);
}

const WORD_DB = 25;

function blockPowers(data: Float32Array, rateHz: number): Float64Array {
  const block = blockSamples(rateHz);
  const powers = new Float64Array(Math.ceil(data.length / block));
  for (let i = 0; i < powers.length; i++) {
    const end = Math.min(data.length, (i + 1) * block);
    let sum = 0;
    for (let j = i * block; j < end; j++) sum += (data[j] as number) ** 2;
    powers[i] = sum / (end - i * block);
  }
  return powers;
}

function spanAbove(
  powers: Float64Array,
  least: number,
  length: number,
  rateHz: number,
  keepMs: number,
): Span {
  const block = blockSamples(rateHz);
  const first = powers.findIndex((power) => power >= least);
  const last = powers.findLastIndex((power) => power >= least);
  const keep = Math.round((rateHz * keepMs) / 1000);
  return {
    start: Math.max(0, first * block - keep),
    end: Math.min(length, (last + 1) * block + keep),
  };
}

function blockSamples(rateHz: number): number {
  return Math.max(1, Math.round((rateHz * BLOCK_MS) / 1000));
}

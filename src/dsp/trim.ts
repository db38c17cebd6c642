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
  const peak = largest(powers);
  return spanAbove(powers, peak * 10 ** (-belowPeakDb / 10), data.length, rateHz, keepMs);
}

/**
 * A stretch of sound that quiet shorter than this breaks is one word still: closures of p, t and k last up to
 * 0.2 s.
 */
const BRIDGED_MS = 240;
/** Sound longer than this is more than one word. */
const LONGEST_WORD_MS = 1400;
/** How far below the loudest block a word's edge may be; the next is tried where noise makes the word too long. */
const WORD_DB = [25, 20, 15, 10, 6] as const;
/** And how far, of the way in decibels from the background to the loudest block, it must be above the background. */
const WORD_SHARE = 0.4;
/** Other sound this loud, below the loudest block, and this long may be a second word; less is a click or a breath. */
const RIVAL_DB = 15;
const RIVAL_MS = 160;
/** More of them is no single word in any case. */
const MOST_RIVALS = 3;

/** Where a word is in an utterance, and other sounds that may be words too. */
export interface FoundWord {
  readonly word: Span;
  readonly rivals: readonly Span[];
}

/**
 * Where the one word of an utterance is: of the stretches of blocks within 25 dB of the loudest one and above the
 * background (the tenth percentile of the blocks) by more than two fifths of what the word stands out, in
 * decibels, the one with the most energy. Clicks and breaths beside it do not count. Null where nothing sounds, and
 * where there is too much for one word.
 */
export function findWord(data: Float32Array, rateHz: number): FoundWord | null {
  const powers = blockPowers(data, rateHz);
  const peak = largest(powers);
  if (peak === 0) return null;
  const block = blockSamples(rateHz);
  const samplesOf = ({ start, end }: Span) => ({
    start: start * block,
    end: Math.min(data.length, end * block),
  });
  for (const belowDb of WORD_DB) {
    const least = aboveFloor(powers, belowDb, WORD_SHARE);
    const stretches = stretchesAbove(powers, least, BRIDGED_MS / BLOCK_MS);
    const word = stretches.reduce((best, stretch) => (stretch.energy > best.energy ? stretch : best));
    if (word.end - word.start > LONGEST_WORD_MS / BLOCK_MS) continue;
    const rivals = stretches.filter(
      (other) => other !== word && mayBeWord(powers.subarray(other.start, other.end), peak),
    );
    return rivals.length > MOST_RIVALS ? null : { word: samplesOf(word), rivals: rivals.map(samplesOf) };
  }
  return null;
}

/** The power that is `belowDb` under the loudest block, or `share` of the way up to it from the background. */
function aboveFloor(powers: Float64Array, belowDb: number, share: number): number {
  const peak = largest(powers);
  const sounding = powers.filter((power) => power > 0).sort();
  const floor = sounding[Math.floor(sounding.length / 10)] ?? 0;
  return Math.max(peak * 10 ** (-belowDb / 10), floor ** (1 - share) * peak ** share);
}

function mayBeWord(powers: Float64Array, peak: number): boolean {
  const loud = powers.filter((power) => power >= peak * 10 ** (-RIVAL_DB / 10));
  return loud.length >= RIVAL_MS / BLOCK_MS;
}

/** Stretches of blocks of at least a power, in blocks, with up to `bridged` quieter ones inside. */
function stretchesAbove(
  powers: Float64Array,
  least: number,
  bridged: number,
): readonly (Span & { readonly energy: number })[] {
  const stretches: { start: number; end: number; energy: number }[] = [];
  powers.forEach((power, block) => {
    if (power < least) return;
    let last = stretches.at(-1);
    if (last === undefined || block - last.end >= bridged) {
      last = { start: block, end: block, energy: 0 };
      stretches.push(last);
    }
    for (let i = last.end; i <= block; i++) last.energy += powers[i] as number;
    last.end = block + 1;
  });
  return stretches;
}

/** Mean power of the loudest 20 ms block; 0 for no samples. */
export function loudestBlock(data: Float32Array, rateHz: number): number {
  return largest(blockPowers(data, rateHz));
}

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

function largest(powers: Float64Array): number {
  return powers.reduce((most, power) => Math.max(most, power), 0);
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

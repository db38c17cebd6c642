import { gainIntoDb, type LevelRange } from '../../dsp/level.js';
import type { Span } from '../../dsp/trim.js';
import { loudestBlock } from '../../dsp/trim.js';
import type { EncodedFrontEnd, EncodedWordFrontEnd } from '../../models/front-end.js';

/**
 * Copies the end of a window into a model's audio input: its last samples, silence in front where there are
 * fewer.
 */
export function showEnd(data: Float32Array, input: Float32Array): void {
  const shown = Math.min(data.length, input.length);
  input.fill(0, 0, input.length - shown);
  input.set(data.subarray(data.length - shown), input.length - shown);
}

/** As {@link showEnd}, brought into the range of levels that a model knows by its loudest 20 ms; null: as it is. */
export function showEndInRange(
  data: Float32Array,
  rateHz: number,
  level: LevelRange | null,
  input: Float32Array,
): void {
  showEnd(data, input);
  if (level !== null)
    scale(input, 10 ** (gainIntoDb(level, 10 * Math.log10(loudestBlock(input, rateHz))) / 20));
}

/** As {@link showEnd}, its loudest 20 ms at one level; silence stays silent. */
export function showLevelledEnd(data: Float32Array, frontEnd: EncodedFrontEnd, input: Float32Array): void {
  showEnd(data, input);
  scale(input, gainOf(input, frontEnd));
}

function scale(data: Float32Array, gain: number): void {
  for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) * gain;
}

/** What brings the loudest 20 ms to the level a model was trained at. */
function gainOf(data: Float32Array, { rateHz, peakLevel, mostGain }: EncodedFrontEnd): number {
  return Math.min(mostGain, peakLevel / Math.sqrt(loudestBlock(data, rateHz)));
}

/**
 * Cuts a word out into a model's audio input: with its margins at the beginning, silence behind, its loudest 20 ms
 * at one level, and the cuts faded.
 * @returns how many samples that is, the silence left out.
 */
export function showWord(
  data: Float32Array,
  word: Span,
  frontEnd: EncodedWordFrontEnd,
  input: Float32Array,
): number {
  const samplesOf = (ms: number) => Math.round((ms * frontEnd.rateHz) / 1000);
  const first = Math.max(0, word.start - samplesOf(frontEnd.beforeWordMs));
  const last = Math.min(data.length, word.end + samplesOf(frontEnd.afterWordMs), first + input.length);
  const gain = gainOf(data.subarray(word.start, word.end), frontEnd);
  const length = last - first;
  for (let i = 0; i < length; i++) input[i] = (data[first + i] as number) * gain;
  input.fill(0, length);
  const fade = samplesOf(frontEnd.fadeMs);
  for (let i = 0; i < Math.min(fade, length >> 1); i++) {
    input[i] = (input[i] as number) * (i / fade);
    input[length - 1 - i] = (input[length - 1 - i] as number) * (i / fade);
  }
  return length;
}

/**
 * Means of an encoder's frames over equal parts of the `length` samples it was shown, part by part: what is said in a
 * word keeps its place at any pace.
 */
export function poolFrames(
  frames: Float32Array,
  length: number,
  { frameSamples, segments }: EncodedFrontEnd,
  means: Float32Array,
): void {
  const channels = means.length / segments;
  const count = Math.min(frames.length / channels, Math.max(segments, Math.ceil(length / frameSamples)));
  means.fill(0);
  for (let segment = 0; segment < segments; segment++) {
    const first = Math.floor((segment * count) / segments);
    const last = Math.floor(((segment + 1) * count) / segments);
    for (let i = first * channels; i < last * channels; i++) {
      const at = segment * channels + (i % channels);
      means[at] = (means[at] as number) + (frames[i] as number) / (last - first);
    }
  }
}

import { Option } from 'commander';
import { readDataset } from '../bench/dataset.js';
import { KeptScores } from '../bench/kept-scores.js';
import { hearCandidates, thresholdsInForce } from '../bench/wake-candidates.js';
import type { Heard } from '../learning/tuning/tuning.js';
import type { ThresholdsByWord } from '../learning/tuning/word-tuning.js';
import type { VoiceConfig } from '../voice/config.js';
import { acceptOf } from '../voice/words/config.js';
import { everyNth, progressOver } from './bench-common.js';

/** `--scores`: see {@link KeptScores}. */
export const SCORES = new Option(
  '--scores <file>',
  'keep in this file how sure the stages were of each recording, and hear none of it again',
);

/** Which recordings are heard, and how often. */
export interface HearingFlags {
  readonly every: number;
  readonly notices: number;
  readonly scores?: string;
}

/** Hears labelled recordings with the lowest threshold of tiny that is in force, and with others around it. */
export async function heardNow(
  data: string,
  config: VoiceConfig,
  inForce: ThresholdsByWord,
  flags: HearingFlags,
): Promise<readonly Heard[]> {
  const recordings = everyNth(readDataset(data), flags.every);
  const notices = noticesAround(inForce, flags.notices);
  const progress = progressOver(recordings.length * notices.length);
  const scores = new KeptScores(flags.scores ?? null);
  const options = { recordings, config, notices, scores, onRecording: progress.step };
  return hearCandidates(options).finally(progress.stop);
}

/** The lowest threshold from which tiny notices any word. */
export function lowestNotice(inForce: ThresholdsByWord): number {
  return Math.min(...Object.values(inForce).map(({ notice }) => notice));
}

/**
 * The lowest threshold of tiny in force, and others by turns half and twice as high, and so on: its scores are of all
 * sizes.
 */
export function noticesAround(inForce: ThresholdsByWord, count: number): readonly number[] {
  const notice = lowestNotice(inForce);
  const factors = Array.from(
    { length: count },
    (_, at) => 4 ** (((at % 2 === 0 ? 1 : -1) * (at + (at % 2))) / 2),
  );
  return [...new Set(factors.map((factor) => Number(Math.min(1, notice * factor).toPrecision(3))))];
}

/** What is in force of each word. */
export async function wordsInForce(config: VoiceConfig, words: readonly string[]): Promise<ThresholdsByWord> {
  const { tiny, heavy } = config;
  const all = await thresholdsInForce({
    ...config,
    tiny: { ...tiny, wordThresholds: {} },
    heavy: { ...heavy, wordThresholds: {} },
  });
  const of = (word: string) => ({
    notice: tiny.wordThresholds[word]?.reject ?? all.tiny.reject,
    accept: acceptOf(tiny.words, word) ?? heavy.wordThresholds[word]?.accept ?? all.heavy.accept,
  });
  return Object.fromEntries(words.map((word) => [word, of(word)]));
}

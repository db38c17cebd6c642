import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import type { Recording } from '../bench/dataset.js';
import { testPart } from '../bench/split.js';
import { loadConfig, parseConfig } from '../config/load.js';
import type { VoiceConfig } from '../config/voice.js';
import { CatnapError } from '../core/errors.js';
import { MODELS_FOLDER } from '../models/model.js';

/** For an option that may be given again. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** All recordings, or the part that training never saw.
 * @throws CatnapError `USAGE` for another part. */
export function partOf(recordings: readonly Recording[], part: string | undefined): readonly Recording[] {
  if (part === undefined) return recordings;
  if (part === 'test') return testPart(recordings, join(MODELS_FOLDER, 'train', 'split.json'));
  throw new CatnapError('USAGE', `--split: expected test, found "${part}"`);
}

/** @throws CatnapError `USAGE` unless the text is a whole number above 0. */
export function positive(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new CatnapError('USAGE', `${option}: expected a whole number above 0, found "${text}"`);
}

/** The voice cascade a benchmark measures: one of a configuration's, or the standard one.
 * @throws CatnapError `USAGE`, and what reading the configuration throws. */
export function voiceOf(flags: { readonly config?: string; readonly cascade: string }): VoiceConfig {
  const standard = 'sources: [{ id: recording, kind: file, path: recording.wav }]';
  const config = flags.config === undefined ? parseConfig(standard, 'standard') : loadConfig(flags.config);
  const cascade = config.cascades[flags.cascade];
  if (cascade?.kind === 'voice') return cascade;
  const found = cascade === undefined ? 'none of that name' : `a ${cascade.kind} cascade`;
  throw new CatnapError('USAGE', `--cascade ${flags.cascade}: expected a voice cascade, found ${found}`);
}

/** A bar on stderr where a person is watching. */
export function progressOver(
  total: number,
  of = 'recordings',
): { readonly step: (by?: number) => void; readonly stop: () => void } {
  if (!process.stderr.isTTY) return { step: () => {}, stop: () => {} };
  const format = `{bar} {value}/{total} ${of}, {eta_formatted} left`;
  const bar = new SingleBar({ format, stream: process.stderr });
  bar.start(total, 0);
  return { step: (by = 1) => bar.increment(by), stop: () => bar.stop() };
}

/** A share as people read it. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

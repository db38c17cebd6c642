import { join } from 'node:path';
import { SingleBar } from 'cli-progress';
import { InvalidArgumentError, Option } from 'commander';
import type { Recording } from '../bench/dataset.js';
import { type Part, partOfSplit } from '../bench/split.js';

export type { Part };

import { loadConfig, needsNothing } from '../config/load.js';
import { CatnapError } from '../core/errors.js';
import { MODELS_FOLDER } from '../models/package-files.js';
import { type CascadeConfig, type Config, standardConfig } from '../runtime/config.js';
import { wholeNumber } from './whole-number.js';

/** Values of {@link CONFIG} and {@link cascadeNamed}. */
export interface CascadeFlags {
  readonly config?: string;
  readonly cascade: string;
}

/** `--config`: see {@link cascadeOf}. */
export const CONFIG = new Option(
  '--config <file>',
  'configuration whose cascade is measured; otherwise the standard one',
);

/** `--cascade`, with its default: see {@link cascadeOf}. */
export function cascadeNamed(name: string): Option {
  return new Option('--cascade <name>', 'cascade of it').default(name);
}

/** `--split`: see {@link partOf}. */
export const SPLIT = new Option(
  '--split <part>',
  '`test`: only what training never saw; `calibration`: what thresholds were set on, by models/train/split.json',
).choices(['test', 'calibration']);

/** `--every`: see {@link everyNth}. */
export const EVERY = new Option('--every <n>', 'only every n-th recording')
  .argParser(wholeNumber(1))
  .default(1);

/** A recording is judged however long that takes. */
export const UNHURRIED_MS = 60_000;

/** For an option that may be given again. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** A number that may be below 0, of decibels or a share. */
export function decibels(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && text.trim() !== '') return value;
  throw new InvalidArgumentError('expected a number');
}

/** All recordings, or a part of them. */
export function partOf(recordings: readonly Recording[], part: Part | undefined): readonly Recording[] {
  const split = join(MODELS_FOLDER, 'train', 'split.json');
  return part === undefined ? recordings : partOfSplit(recordings, part, split);
}

/** The first of every `n`. */
export function everyNth<T>(items: readonly T[], n: number): readonly T[] {
  return items.filter((_, index) => index % n === 0);
}

/** The cascade a benchmark measures: one of a configuration's, or the standard one.
 * @throws CatnapError `USAGE`, and what reading the configuration throws. */
export function cascadeOf<Kind extends CascadeConfig['kind']>(
  flags: CascadeFlags,
  kind: Kind,
): Extract<CascadeConfig, { kind: Kind }> {
  const config =
    flags.config === undefined ? standardConfig() : loadConfig(flags.config, process.env, needsNothing);
  return cascadeIn(config, flags.cascade, kind);
}

/** A cascade of a configuration, which has to be of a kind.
 * @throws CatnapError `USAGE`. */
export function cascadeIn<Kind extends CascadeConfig['kind']>(
  { cascades }: Config,
  name: string,
  kind: Kind,
): Extract<CascadeConfig, { kind: Kind }> {
  const cascade = cascades[name];
  if (cascade?.kind === kind) return cascade as Extract<CascadeConfig, { kind: Kind }>;
  const found = cascade === undefined ? 'none of that name' : `a ${cascade.kind} cascade`;
  throw new CatnapError('USAGE', `--cascade ${name}: expected a ${kind} cascade, found ${found}`);
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

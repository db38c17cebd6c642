import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CatnapError } from '../core/errors.js';
import * as z from '../core/zod.js';
import type { Recording } from './dataset.js';

const shareSchema = z.object({ test: z.number().default(0), calibration: z.number().default(0) });
const partsSchema = z.union([z.string(), shareSchema]);

const splitSchema = z.looseObject({
  wake: z.object({ test: z.array(z.string()), calibration: z.array(z.string()).default([]) }),
  commands: shareSchema,
  sources: z.record(z.string(), partsSchema),
});

type Split = z.infer<typeof splitSchema>;

/** `test`: what training, tuning and calibration never saw; `calibration`: what thresholds were set on. */
export type Part = 'test' | 'calibration';

/**
 * The recordings of a part, by the rules of `models/train/split.json` (`corpus.py` applies the same). Recordings given
 * apart (`--negatives`) all stay.
 * @throws CatnapError `USAGE` when the file is not there or holds no split.
 */
export function partOfSplit(
  recordings: readonly Recording[],
  part: Part,
  splitFile: string,
): readonly Recording[] {
  const split = readSplit(splitFile);
  const speakers = speakersOf(part, recordings, split);
  return recordings.filter((recording) => belongs(recording, part, split, speakers));
}

function belongs(
  { corpus, group }: Recording,
  part: Part,
  split: Split,
  speakers: ReadonlySet<string>,
): boolean {
  switch (corpus) {
    case 'wake':
      return split.wake[part].includes(group);
    case 'commands':
      return speakers.has(group);
    case 'negatives':
      return true;
    case 'wuw':
    case 'orders':
    case 'noise':
      return part === partByRule(split.sources[corpus], `${corpus}/${group}`);
  }
}

function readSplit(path: string): Split {
  try {
    return splitSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    throw new CatnapError('USAGE', `--split: expected a split at ${path}`, { cause });
  }
}

/** A fixed pseudo-random number in [0, 1) for a name. */
function shareOf(key: string): number {
  return createHash('sha256').update(key).digest().readUInt32BE(0) / 2 ** 32;
}

function partByRule(rule: Split['sources'][string] | undefined, key: string): string {
  if (rule === undefined) return 'train';
  if (typeof rule === 'string') return rule;
  const share = shareOf(key);
  if (share < rule.test) return 'test';
  return share < rule.test + rule.calibration ? 'calibration' : 'train';
}

/** Few speakers: exact counts in the order of their hashes, where shares would wobble. */
function speakersOf(part: Part, recordings: readonly Recording[], { commands }: Split): ReadonlySet<string> {
  const speakers = new Set(
    recordings.filter(({ corpus }) => corpus === 'commands').map(({ group }) => group),
  );
  const order = [...speakers].sort((a, b) => shareOf(a) - shareOf(b));
  const tests = Math.round(commands.test * order.length);
  const calibrations = Math.round(commands.calibration * order.length);
  return new Set(part === 'test' ? order.slice(0, tests) : order.slice(tests, tests + calibrations));
}

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CatnapError } from '../core/errors.js';
import * as z from '../core/zod.js';
import type { Recording } from './dataset.js';

const shareSchema = z.object({ test: z.number().default(0), calibration: z.number().default(0) });
const partsSchema = z.union([z.string(), shareSchema]);

const splitSchema = z.looseObject({
  wake: z.object({ test: z.array(z.string()) }),
  commands: shareSchema,
  sources: z.record(z.string(), partsSchema),
});

type Split = z.infer<typeof splitSchema>;

/**
 * The recordings that training, tuning and calibration never saw, by the rules of `models/train/split.json`
 * (`corpus.py` applies the same). Recordings given apart (`--negatives`) all stay.
 * @throws CatnapError `USAGE` when the file is not there or holds no split.
 */
export function testPart(recordings: readonly Recording[], splitFile: string): readonly Recording[] {
  const split = readSplit(splitFile);
  const speakers = testSpeakers(recordings, split);
  return recordings.filter((recording) => belongs(recording, split, speakers));
}

function belongs({ corpus, group }: Recording, split: Split, speakers: ReadonlySet<string>): boolean {
  switch (corpus) {
    case 'wake':
      return split.wake.test.includes(group);
    case 'commands':
      return speakers.has(group);
    case 'negatives':
      return true;
    case 'wuw':
    case 'orders':
    case 'noise':
      return isTest(split.sources[corpus], `${corpus}/${group}`);
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

function isTest(rule: Split['sources'][string] | undefined, key: string): boolean {
  if (rule === undefined) return false;
  return typeof rule === 'string' ? rule === 'test' : shareOf(key) < rule.test;
}

/** Few speakers: exact counts in the order of their hashes, where shares would wobble. */
function testSpeakers(recordings: readonly Recording[], { commands }: Split): ReadonlySet<string> {
  const speakers = new Set(
    recordings.filter(({ corpus }) => corpus === 'commands').map(({ group }) => group),
  );
  const order = [...speakers].sort((a, b) => shareOf(a) - shareOf(b));
  return new Set(order.slice(0, Math.round(commands.test * order.length)));
}

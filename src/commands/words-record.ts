import { chmodSync, copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { CatnapError } from '../core/errors.js';
import { makePrivateFolderSync } from '../files/private-folder.js';
import { shippedModel } from '../models/manifest.js';
import { PhoneNetwork } from '../voice/words/phone-network.js';
import { agreeingTakes, hearTake, oddTake, type Take, takesIn } from '../voice/words/takes.js';
import { type MicrophoneOptions, openCapture, record } from './record.js';

/** Fewer cannot tell which of them is odd; more bring nothing. */
export const FEWEST_TAKES = 3;
export const MOST_TAKES = 10;
const TAKE_SECONDS = 2.5;
/** Said wrong so often, something else is wrong. */
const MOST_TRIES = 3;
const OWNER_READS = 0o600;

/** Where takes come from. */
export interface TakesAsked extends MicrophoneOptions {
  /** Folder of recordings; the microphone when left out. */
  readonly from?: string;
  /** How many are recorded. */
  readonly takes: number;
}

/** What became of the takes. */
export interface TakesKept {
  readonly folder: string;
  readonly kept: number;
  /** Files that are of something else, or hold no speech; none from a microphone, where they are asked for again. */
  readonly leftOut: readonly string[];
}

/**
 * Gathers takes of a word in a folder that only its owner may read, in place of those that were there. Nothing is
 * changed where it fails.
 * @throws CatnapError `INPUT_MISSING`, `SOURCE_FORMAT` where fewer than three are of one word.
 */
export async function gatherTakes(folder: string, asked: TakesAsked): Promise<TakesKept> {
  makePrivateFolderSync(dirname(folder));
  const fresh = mkdtempSync(`${folder}-`);
  const network = await PhoneNetwork.load(shippedModel('phones'));
  try {
    const leftOut =
      asked.from === undefined
        ? await recordTakes(fresh, asked, network)
        : await copyTakes(fresh, asked.from, network);
    const kept = takesIn(fresh).length;
    for (const file of takesIn(fresh)) chmodSync(file, OWNER_READS);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    return { folder, kept, leftOut };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    await network.dispose();
  }
}

/** Copies those that are of one word. */
async function copyTakes(to: string, from: string, network: PhoneNetwork): Promise<readonly string[]> {
  const { takes, leftOut } = await agreeingTakes(takesIn(from), network);
  if (takes.length < FEWEST_TAKES)
    throw new CatnapError(
      'SOURCE_FORMAT',
      `takes ${from}: expected ${FEWEST_TAKES} to ${MOST_TAKES} recordings of one word, found ${takes.length} that agree`,
    );
  for (const [index, { file }] of takes.slice(0, MOST_TAKES).entries())
    copyFileSync(file, join(to, `${String(index + 1).padStart(2, '0')}${extname(file).toLowerCase()}`));
  return leftOut;
}

/** Asks for one take after the other, and again for one that is of something else than those before. */
async function recordTakes(to: string, asked: TakesAsked, network: PhoneNetwork): Promise<readonly string[]> {
  const capture = await openCapture(asked);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const takes: Take[] = [];
  let tries = 0;
  try {
    while (takes.length < asked.takes) {
      await terminal.question(
        `Take ${takes.length + 1} of ${asked.takes}: press Enter, then say it once within ${TAKE_SECONDS} s. `,
      );
      const file = join(to, `${String(takes.length + 1).padStart(2, '0')}.wav`);
      await record(file, capture, TAKE_SECONDS);
      const why = await refusal(file, takes, network);
      if (why === null) tries = 0;
      else {
        tries += 1;
        if (tries === MOST_TRIES) throw new CatnapError('SOURCE_FORMAT', `take ${takes.length + 1}: ${why}`);
        process.stderr.write(`${why}; once more.\n`);
      }
    }
  } finally {
    terminal.close();
  }
  return [];
}

/** Takes it among the others, or says why not. */
async function refusal(file: string, takes: Take[], network: PhoneNetwork): Promise<string | null> {
  try {
    const take = await hearTake(file, network);
    if (oddTake([...takes, take], network.inventory) === take)
      return 'expected the word of the takes before, found something else';
    takes.push(take);
    return null;
  } catch (error) {
    if (error instanceof CatnapError && error.code === 'SOURCE_FORMAT')
      return 'expected a spoken word, found no speech';
    throw error;
  }
}

import { chmodSync, copyFileSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { CatnapError } from '../core/errors.js';
import { makePrivateFolderSync } from '../files/private-folder.js';
import { MODELS_FOLDER, shippedModel } from '../models/manifest.js';
import { PhoneNetwork } from '../voice/words/phone-network.js';
import type { PhoneInventory } from '../voice/words/phones.js';
import { Pronouncer } from '../voice/words/pronunciations.js';
import { agreeingTakes, hearTake, oddTake, type Take, takesIn } from '../voice/words/takes.js';
import { oddOf, type TakesPoint, takesPoint } from '../voice/words/takes-point.js';
import { UNHURRIED_MS } from './bench-common.js';
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
  /** The word as it is spelt; null: by its sounds alone. */
  readonly phrase: string | null;
}

/** What became of the takes. */
export interface TakesKept {
  readonly folder: string;
  readonly kept: number;
  /** Files that are of something else, or hold no speech; none from a microphone, where they are asked for again. */
  readonly leftOut: readonly string[];
  readonly point: TakesPoint;
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
    const judge = (takes: readonly Take[]) => pointOf(takes, asked.phrase, network.inventory);
    const { leftOut, point } =
      asked.from === undefined
        ? await recordTakes(fresh, asked, network, judge)
        : await copyTakes(fresh, asked.from, network, judge);
    const kept = takesIn(fresh).length;
    for (const file of takesIn(fresh)) chmodSync(file, OWNER_READS);
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
    return { folder, kept, leftOut, point };
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    await network.dispose();
  }
}

type Judge = (takes: readonly Take[]) => Promise<TakesPoint>;

/** From where a word is believed by its takes. */
async function pointOf(
  takes: readonly Take[],
  phrase: string | null,
  inventory: PhoneInventory,
): Promise<TakesPoint> {
  const pronouncer = new Pronouncer(`${MODELS_FOLDER}spelling`, inventory);
  const spelt = phrase === null ? [] : await pronouncer.ways(phrase).finally(() => pronouncer.dispose());
  const ways = spelt.map(({ phones }) => phones);
  return takesPoint(takes, { phrase, ways }, { model: shippedModel('phones'), budgetMs: UNHURRIED_MS });
}

/** Copies those that are of one word. */
async function copyTakes(
  to: string,
  from: string,
  network: PhoneNetwork,
  judge: Judge,
): Promise<Omit<TakesKept, 'folder' | 'kept'>> {
  const agreeing = await agreeingTakes(takesIn(from), network);
  const leftOut = [...agreeing.leftOut];
  let takes = agreeing.takes.slice(0, MOST_TAKES);
  for (;;) {
    if (takes.length < FEWEST_TAKES)
      throw new CatnapError(
        'SOURCE_FORMAT',
        `takes ${from}: expected ${FEWEST_TAKES} to ${MOST_TAKES} recordings of one word, found ${takes.length} that agree`,
      );
    const point = await judge(takes);
    const odd = oddOf(point.confidences);
    if (odd === null) {
      for (const [index, { file }] of takes.entries())
        copyFileSync(file, join(to, `${String(index + 1).padStart(2, '0')}${extname(file).toLowerCase()}`));
      return { leftOut, point };
    }
    leftOut.push(takes[odd]?.file ?? '');
    takes = takes.filter((_, at) => at !== odd);
  }
}

/** Asks for one take after the other, and again for one that is of something else than the others. */
async function recordTakes(
  to: string,
  asked: TakesAsked,
  network: PhoneNetwork,
  judge: Judge,
): Promise<Omit<TakesKept, 'folder' | 'kept'>> {
  const capture = await openCapture(asked);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const takes: Take[] = [];
  let recorded = 0;
  let tries = 0;
  const again = (why: string): void => {
    tries += 1;
    if (tries === MOST_TRIES) throw new CatnapError('SOURCE_FORMAT', `take ${takes.length + 1}: ${why}`);
    process.stderr.write(`${why}; once more.\n`);
  };
  try {
    for (;;) {
      await terminal.question(
        `Take ${takes.length + 1} of ${asked.takes}: press Enter, then say it once within ${TAKE_SECONDS} s. `,
      );
      recorded += 1;
      const file = join(to, `${String(recorded).padStart(2, '0')}.wav`);
      await record(file, capture, TAKE_SECONDS);
      const why = await refusal(file, takes, network);
      if (why !== null) {
        rmSync(file);
        again(why);
        continue;
      }
      if (takes.length < asked.takes) {
        tries = 0;
        continue;
      }
      const point = await judge(takes);
      const odd = oddOf(point.confidences);
      if (odd === null) return { leftOut: [], point };
      for (const { file: of } of takes.splice(odd, 1)) rmSync(of);
      again(`take ${odd + 1} is of something else than the others`);
    }
  } finally {
    terminal.close();
  }
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

import { chmodSync, copyFileSync, existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { CatnapError } from '../../core/errors.js';
import { replaceFolder } from '../../files/replace-folder.js';
import { writing } from '../../files/unwritable.js';
import { shippedModel } from '../../models/manifest.js';
import { MODELS_FOLDER } from '../../models/package-files.js';
import { makeFreshFolder } from './fresh-takes.js';
import { PhoneNetwork } from './phone-network.js';
import { Pronouncer } from './pronunciations.js';
import { speltWord } from './spelt.js';
import { agreeingTakes, hearTake, type LeftOut, oddTake, type Take, takesIn, whyOdd } from './takes.js';
import { oddOf, type TakesPoint, takesPoint } from './takes-point.js';

/** Fewer cannot tell which of them is odd; more bring nothing. */
export const FEWEST_TAKES = 3;
export const MOST_TAKES = 10;
/** So many files that were left out are told by name. */
const MOST_TOLD = 3;
const OWNER_READS = 0o600;
/** Judging takes is in no hurry, on the slowest board. */
const BUDGET_MS = 60_000;

/** A word that takes are of. */
export interface TakesWord {
  /** As it is spelt; null: judged by its sounds alone. */
  readonly phrase: string | null;
  /** How it is said, in IPA; none: as its spelling says. */
  readonly ipa: readonly string[];
}

/** Takes that were gathered. */
export interface TakesGathered {
  /** Files that are of something else, or hold no speech. */
  readonly leftOut: readonly LeftOut[];
  readonly point: TakesPoint;
}

/** What became of the takes. */
export interface TakesKept extends TakesGathered {
  readonly folder: string;
  readonly kept: number;
}

/** What takes are judged by while they are gathered. */
export interface TakesJudges {
  readonly network: PhoneNetwork;
  /** From where the word is believed by such takes. */
  readonly judge: (takes: readonly Take[]) => Promise<TakesPoint>;
}

/**
 * Gathers takes of a word in a folder that only its owner may read, in place of those that were there. Nothing is
 * changed where it fails.
 * @param fill puts takes of one word into the folder that it is given.
 * @throws CatnapError `OUTPUT_UNWRITABLE`; what `fill` and loading the models throw.
 */
export async function gatherTakes(
  folder: string,
  word: TakesWord,
  fill: (fresh: string, judges: TakesJudges) => Promise<TakesGathered>,
): Promise<TakesKept> {
  const parent = dirname(folder);
  const isFirst = !existsSync(parent);
  const fresh = writingTakes(folder, () => makeFreshFolder(parent));
  try {
    const network = await PhoneNetwork.load(shippedModel('phones'));
    try {
      const gathered = await fill(fresh, { network, judge: (takes) => pointOf(takes, word, network) });
      const files = takesIn(fresh);
      for (const file of files) chmodSync(file, OWNER_READS);
      writingTakes(folder, () => replaceFolder(folder, fresh));
      return { folder, kept: files.length, ...gathered };
    } finally {
      await network.dispose();
    }
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    if (isFirst && readdirSync(parent).length === 0) rmdirSync(parent);
  }
}

async function pointOf(
  takes: readonly Take[],
  { phrase, ipa }: TakesWord,
  { inventory }: PhoneNetwork,
): Promise<TakesPoint> {
  const said = phrase === null ? { ways: [], near: 0 } : await spelt(phrase, ipa, inventory);
  return takesPoint(takes, { phrase, ...said }, { model: shippedModel('phones'), budgetMs: BUDGET_MS });
}

function spelt(phrase: string, ipa: readonly string[], inventory: PhoneNetwork['inventory']) {
  const pronouncer = new Pronouncer(`${MODELS_FOLDER}spelling`, inventory);
  return speltWord(phrase, ipa, { inventory, pronouncer }).finally(() => pronouncer.dispose());
}

/**
 * Copies the recordings of a folder that are of one word.
 * @throws CatnapError `INPUT_MISSING`, `OUTPUT_UNWRITABLE`; `SOURCE_FORMAT` where fewer than three are.
 */
export async function copyTakes(
  to: string,
  from: string,
  { network, judge }: TakesJudges,
): Promise<TakesGathered> {
  const agreeing = await agreeingTakes(takesIn(from), network);
  const leftOut = [...agreeing.leftOut];
  let takes = agreeing.takes.slice(0, MOST_TAKES);
  for (;;) {
    if (takes.length < FEWEST_TAKES)
      throw new CatnapError(
        'SOURCE_FORMAT',
        `takes ${from}: expected ${FEWEST_TAKES} to ${MOST_TAKES} recordings of one word, found ${takes.length} that agree${toldOf(leftOut)}`,
      );
    const point = await judge(takes);
    const odd = oddOf(point.confidences);
    if (odd === null) {
      for (const [index, { file }] of takes.entries())
        keepTake(file, join(to, `${String(index + 1).padStart(2, '0')}${extname(file).toLowerCase()}`));
      return { leftOut, point };
    }
    const { file = '' } = takes[odd] ?? {};
    leftOut.push({ file, why: whyOdd(file) });
    takes = takes.filter((_, at) => at !== odd);
  }
}

/** Why the first few were left out. */
function toldOf(leftOut: readonly LeftOut[]): string {
  const more = leftOut.length > MOST_TOLD ? `; and ${leftOut.length - MOST_TOLD} more` : '';
  return leftOut.slice(0, MOST_TOLD).reduce((text, { why }) => `${text}; ${why}`, '') + more;
}

/** What the file system refuses is no fault of Catnap's. */
function writingTakes<Made>(place: string, write: () => Made): Made {
  return writing(`takes ${place}`, 'to write recordings', write);
}

function keepTake(file: string, as: string): void {
  writingTakes(as, () => copyFileSync(file, as));
}

/** Takes one among the others, or says why not. */
export async function refusalOfTake(
  file: string,
  takes: Take[],
  network: PhoneNetwork,
): Promise<string | null> {
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

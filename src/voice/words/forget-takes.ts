import { existsSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { nameOfWord, type OwnWordConfig, recordedTakesOf } from './config.js';

/** What became of the takes of a word that is listened for no longer. */
export interface TakesLeft {
  readonly folder: string;
  /** Recordings that were deleted. */
  readonly deleted: number;
  /** Why there are recordings left in the folder; null: there are none. */
  readonly keptBecause: string | null;
}

/** Takes are kept as `01.wav`, `02.wav`...; what is called otherwise was put there by somebody else. */
const KEPT_TAKE = /^\d\d\.\w+$/u;

/**
 * Deletes the recordings that Catnap took of a word: they are somebody's voice, and nobody listens for it any more.
 * What it did not record itself, or another word still needs, stays.
 * @param home folder of the configuration, which takes are found from.
 * @param others words that are listened for still, of all cascades.
 * @param wish whether they are to be kept
 * @returns null where it had none.
 */
export function forgetTakes(
  word: OwnWordConfig,
  home: string,
  others: readonly OwnWordConfig[],
  wish: 'keep' | 'delete',
): TakesLeft | null {
  if (word.takes === undefined) return null;
  const folder = resolve(home, word.takes);
  if (!existsSync(folder)) return null;
  const keptBecause = reasonToKeep(word, folder, home, others, wish);
  if (keptBecause !== null) return { folder, deleted: 0, keptBecause };
  let deleted = 0;
  try {
    for (const file of readdirSync(folder).filter((each) => KEPT_TAKE.test(each))) {
      rmSync(join(folder, file));
      deleted += 1;
    }
    const left = readdirSync(folder).length;
    if (left === 0) rmdirSync(folder);
    return { folder, deleted, keptBecause: left === 0 ? null : 'the rest was not recorded by Catnap' };
  } catch (error) {
    return { folder, deleted, keptBecause: error instanceof Error ? error.message : String(error) };
  }
}

function reasonToKeep(
  word: OwnWordConfig,
  folder: string,
  home: string,
  others: readonly OwnWordConfig[],
  wish: 'keep' | 'delete',
): string | null {
  if (wish === 'keep') return 'as you asked';
  const user = others.find(({ takes }) => takes !== undefined && resolve(home, takes) === folder);
  if (user !== undefined) return `${nameOfWord(user)} is listened for by them`;
  const recorded = recordedTakesOf(nameOfWord(word));
  return recorded !== null && folder === resolve(home, recorded) ? null : 'Catnap did not record them';
}

/** The same in a sentence for whoever removed the word. */
export function takesLeftTold({ folder, deleted, keptBecause }: TakesLeft): string {
  const gone = `${deleted} ${deleted === 1 ? 'take' : 'takes'} in ${folder} deleted`;
  if (keptBecause === null) return gone;
  return `${deleted === 0 ? '' : `${gone}; `}recordings stay in ${folder}: ${keptBecause}`;
}

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CatnapError } from '../../core/errors.js';
import type { SettingFault } from '../../core/kind.js';
import * as z from '../../core/zod.js';
import { EVEN_ACCEPT } from './own-word.js';
import type { TakesPoint } from './takes-point.js';

/** More would be no name of a folder: 255 bytes at most, of which a letter may take four. */
const LONGEST_NAME = 60;

const name = z
  .string()
  .max(LONGEST_NAME)
  .regex(/^[\p{L}\p{N}][\p{L}\p{M}\p{N}_-]*$/u, 'letters, digits, _ and -')
  .describe('Label in events.');

const ipa = z
  .array(z.string().min(1))
  .min(1)
  .optional()
  .describe(
    'How it is said, in IPA, instead of what the dictionary says; several where it is said in several ways.',
  );

const takes = z.string().min(1).describe('Folder of recordings of the word alone, relative to this file.');

const accept = z
  .number()
  .min(0.01)
  .max(0.99)
  .optional()
  .describe('Confidence from which it is believed; omitted, 0.5. `catnap words listen` sets it.');

/** A word of the owner's: as it is spelt, with or without recordings of it, or recordings alone. */
export const ownWordSchema = z.union([
  z.strictObject({
    say: z
      .string()
      .regex(/\p{L}/u, 'a word or phrase in letters')
      .describe('The word or phrase as it is spelt.'),
    name: name.optional().describe('Label in events; without it the spelling with _ for spaces.'),
    ipa,
    takes: takes.optional(),
    accept,
  }),
  z.strictObject({ name, takes, accept }),
]);

export type OwnWordConfig = z.infer<typeof ownWordSchema>;

/** The same word with its takes found from `folder`. */
export function ownWordFrom(folder: string, word: OwnWordConfig): OwnWordConfig {
  return word.takes === undefined ? word : { ...word, takes: resolve(folder, word.takes) };
}

/** Label of a word in events: its name, or its spelling in letters, digits, - and _ for all between them. */
export function nameOfWord(word: OwnWordConfig): string {
  if (!('say' in word) || word.name !== undefined) return word.name ?? '';
  const letters = word.say.normalize('NFC').toLowerCase().replaceAll(/['’]/gu, '');
  return letters.replaceAll(/[^\p{L}\p{M}\p{N}-]+/gu, '_').replaceAll(/^_|_$/gu, '');
}

/**
 * Where takes of a word stand, relative to the configuration.
 * @throws CatnapError `USAGE` for a word that names no folder.
 */
export function takesFolderOf(say: string): string {
  const folder = recordedTakesOf(nameOfWord({ say }));
  if (folder !== null) return folder;
  throw new CatnapError(
    'USAGE',
    `"${say}": expected at most ${LONGEST_NAME} letters, digits, - and spaces, for a label and a folder`,
  );
}

/** Where Catnap keeps what it records of a word of a label; null: no folder can be called so. */
export function recordedTakesOf(label: string): string | null {
  return name.safeParse(label).success ? `./takes/${label}` : null;
}

/** A word that is listened for by takes, where they were recorded, and what they say of it. */
export function wordByTakes(
  { say, ipa }: { readonly say: string; readonly ipa: readonly string[] },
  isSpelt: boolean,
  point: Pick<TakesPoint, 'accept'>,
): OwnWordConfig {
  const recorded = { takes: takesFolderOf(say), accept: point.accept };
  if (!isSpelt) return { name: nameOfWord({ say }), ...recorded };
  return { say, ...(ipa.length === 0 ? {} : { ipa: [...ipa] }), ...recorded };
}

/** The label of a word in a list, in which trained ones stand by theirs. */
export function labelOfListed(word: string | OwnWordConfig): string {
  return typeof word === 'string' ? word : nameOfWord(word);
}

/** The word of the owner's that has a label in a list; null: there is none. */
export function ownWordOf(
  words: readonly (string | OwnWordConfig)[] | null | undefined,
  label: string,
): OwnWordConfig | null {
  for (const word of words ?? []) if (typeof word !== 'string' && nameOfWord(word) === label) return word;
  return null;
}

/** Confidence from which a word of the owner's is believed; null: there is none of that label. */
export function acceptOf(
  words: readonly (string | OwnWordConfig)[] | undefined,
  label: string,
): number | null {
  const word = ownWordOf(words, label);
  return word === null ? null : (word.accept ?? EVEN_ACCEPT);
}

/** What is wrong with the words of a list, each at its place in it: labels twice. */
export function ownWordFaults(words: readonly (string | OwnWordConfig)[]): readonly SettingFault[] {
  const labels = words.map(labelOfListed);
  return labels.flatMap((label, i): readonly SettingFault[] =>
    labels.indexOf(label) < i
      ? [{ path: [i], message: `expected each word once, found "${label}" again` }]
      : [],
  );
}

/** Folders of takes of a list of words that are not there now, each at its place in it. */
export function missingTakes(words: readonly (string | OwnWordConfig)[]): readonly SettingFault[] {
  return words.flatMap((word, i): readonly SettingFault[] => {
    if (typeof word === 'string' || word.takes === undefined || isFolder(word.takes)) return [];
    return [{ path: [i, 'takes'], message: `expected a folder of recordings, found none at ${word.takes}` }];
  });
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

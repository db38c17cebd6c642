import { resolve } from 'node:path';
import * as z from '../../core/zod.js';

const name = z
  .string()
  .regex(/^\p{L}[\p{L}\d_-]*$/u, 'letters, digits, _ and -')
  .describe('Label in events.');

const ipa = z
  .array(z.string().min(1))
  .min(1)
  .optional()
  .describe(
    'How it is said, in IPA, instead of what the dictionary says; several where it is said in several ways.',
  );

const takes = z.string().min(1).describe('Folder of recordings of the word alone, relative to this file.');

/** A word of the owner's: as it is spelt, with or without recordings of it, or recordings alone. */
export const ownWordSchema = z.union([
  z.strictObject({
    say: z.string().min(1).describe('The word or phrase as it is spelt.'),
    name: name.optional().describe('Label in events; without it the spelling with _ for spaces.'),
    ipa,
    takes: takes.optional(),
  }),
  z.strictObject({ name, takes }),
]);

export type OwnWordConfig = z.infer<typeof ownWordSchema>;

/** The same word with its takes found from `folder`. */
export function ownWordFrom(folder: string, word: OwnWordConfig): OwnWordConfig {
  return word.takes === undefined ? word : { ...word, takes: resolve(folder, word.takes) };
}

/** Label of a word in events. */
export function nameOfWord(word: OwnWordConfig): string {
  return 'say' in word && word.name === undefined
    ? word.say.trim().toLowerCase().replaceAll(/\s+/gu, '_')
    : (word.name ?? '');
}

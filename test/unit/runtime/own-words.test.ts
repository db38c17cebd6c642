import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeWord, writeWord } from '../../../src/commands/words-file.js';
import { loadConfig, needsNothing, parseConfig } from '../../../src/config/load.js';
import { OwnWords } from '../../../src/runtime/own-words.js';
import type { WordAnswers, WordThreads } from '../../../src/runtime/word-threads.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

/** A configuration, and its words; `answers`: what is found out about them. */
function housed(answers: Partial<WordAnswers>, stateBelow = '') {
  const folder = temporaryFolder();
  const path = join(folder, 'catnap.yaml');
  writeFileSync(path, 'sources: [{ id: hall, kind: microphone }]\n');
  const ask: WordThreads['ask'] = async ({ kind }) => answers[kind] as never;
  const words = new OwnWords({
    file: {
      path,
      read: () => loadConfig(path, {}, needsNothing),
      check: (text) => parseConfig(text, path),
      addWord: (word, { cascade, listened }) => writeWord(word, { config: path, cascade }, listened),
      removeWord: (label, { cascade, listened, anyway }) =>
        removeWord(label, { config: path, cascade }, { takes: 'delete', anyway, listened }),
      believeFrom: () => {},
    },
    stateDir: join(folder, stateBelow),
    threads: { ask },
  });
  return { words, written: () => readFileSync(path, 'utf8'), fresh: join(folder, 'fresh-takes') };
}

const SHORT = {
  name: 'bob',
  ways: [],
  expected: { missedShare: 0.5, falseAcceptsPerHour: 9, basis: 'a guess' },
  verdict: 'refuse',
  because: ['too short'],
  longer: ['hey bob'],
  near: { everyday: [], own: [] },
} as const;

it('refuses a word that would disappoint unless it is wanted anyway, and one that is there already', async () => {
  const { words, written } = housed({ report: SHORT });
  const bob = { say: 'bob', ipa: [] };
  await expect(words.add('hall', bob, false)).rejects.toThrow('"bob": too short; take "hey bob"');
  expect(await words.add('hall', bob, true)).toBe('bob');
  expect(written()).toContain('say: bob');
  expect(written()).toContain('- jarvis');
  await expect(words.add('hall', bob, true)).rejects.toThrow('"bob" is listened for already');
  for (const say of ['Jarvis', 'View-Glass', 'view  glass'])
    await expect(words.add('hall', { say, ipa: [] }, true)).rejects.toThrow('listened for already');
  words.remove('hall', 'bob', false);
  expect(written()).not.toContain('bob');
  expect(() => words.remove('hall', 'bob', false)).toThrow('expected one of the words of');
});

it('holds takes of one word, ten at most, until they are kept or another word begins', async () => {
  const { words, fresh } = housed({ hear: null });
  const samples = new Int16Array(16_000);
  for (let count = 1; count <= 10; count++)
    expect(await words.take('hey bob', samples, false)).toEqual({ count, refusal: null });
  await expect(words.take('hey bob', samples, false)).rejects.toThrow('10 takes are there');
  expect(await words.take('maja', samples, false)).toEqual({ count: 1, refusal: null });
  await expect(words.keep('hall', { say: 'maja', ipa: [] }, true)).rejects.toThrow('found 1');
  await expect(words.take('maja'.repeat(16), samples, true)).rejects.toThrow('for a label and a folder');
  words.close();
  expect(existsSync(fresh)).toBe(false);
});

it('takes nothing for a take of a word that another page began instead', async () => {
  let isHeard = () => {};
  const hears = new Promise<null>((heard) => {
    isHeard = () => heard(null);
  });
  const { words } = housed({ hear: hears as never });
  const samples = new Int16Array(16_000);
  const first = words.take('hey bob', samples, true);
  const second = words.take('maja', samples, true);
  isHeard();
  await expect(first).rejects.toMatchObject({
    code: 'BUSY',
    message: expect.stringContaining('another page'),
  });
  expect(await second).toEqual({ count: 1, refusal: null });
});

it('is there on a disk that refuses everything, and tells whoever records a take', async () => {
  // Nothing can be made or removed below a file, whoever tries.
  const { words } = housed({ hear: null }, 'catnap.yaml');
  await expect(words.take('hey bob', new Int16Array(16_000), true)).rejects.toThrow('ENOTDIR');
  expect(() => words.close()).not.toThrow();
});

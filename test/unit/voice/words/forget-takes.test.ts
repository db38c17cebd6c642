import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { forgetTakes, takesLeftTold } from '../../../../src/voice/words/forget-takes.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const PUMPKIN = { say: 'hey pumpkin', takes: './takes/hey_pumpkin' };

function withFiles(folder: string, ...files: readonly string[]) {
  const home = temporaryFolder();
  const takes = join(home, folder);
  mkdirSync(takes, { recursive: true });
  for (const file of files) writeFileSync(join(takes, file), '');
  return { home, takes };
}

it('deletes the takes that were recorded of a word, and their folder', () => {
  const { home, takes } = withFiles('takes/hey_pumpkin', '01.wav', '02.wav', '10.flac');
  const left = forgetTakes(PUMPKIN, home, [{ say: 'operator' }], 'delete');
  expect(left).toEqual({ folder: takes, deleted: 3, keptBecause: null });
  expect(existsSync(takes)).toBe(false);
  expect(forgetTakes(PUMPKIN, home, [], 'delete')).toBeNull();
  expect(forgetTakes({ say: 'operator' }, home, [], 'delete')).toBeNull();
});

it('leaves what somebody else put there, and says so', () => {
  const { home, takes } = withFiles('takes/hey_pumpkin', '01.wav', 'notes.txt');
  const left = forgetTakes(PUMPKIN, home, [], 'delete');
  expect(readdirSync(takes)).toEqual(['notes.txt']);
  expect(left === null ? '' : takesLeftTold(left)).toBe(
    `1 take in ${takes} deleted; recordings stay in ${takes}: the rest was not recorded by Catnap`,
  );
});

it.each([
  ['Catnap did not record them', 'mine', { say: 'hey pumpkin', takes: './mine' }, [], 'delete'],
  ['as you asked', 'takes/hey_pumpkin', PUMPKIN, [], 'keep'],
  [
    'kürbis is listened for by them',
    'takes/hey_pumpkin',
    PUMPKIN,
    [{ name: 'kürbis', takes: 'takes/hey_pumpkin' }],
    'delete',
  ],
] as const)('keeps recordings because %s', (keptBecause, folder, word, others, wish) => {
  const { home, takes } = withFiles(folder, '01.wav');
  expect(forgetTakes(word, home, others, wish)).toEqual({ folder: takes, deleted: 0, keptBecause });
  expect(readdirSync(takes)).toEqual(['01.wav']);
});

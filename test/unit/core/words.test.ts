import { expect, it } from 'vitest';
import { asMeant, countWords } from '../../../src/core/words.js';

it('counts what white space parts', () => {
  expect(['', ' \n', 'off', ' turn  the light\toff '].map(countWords)).toEqual([0, 0, 1, 4]);
});

it.each([
  ['  hey \t pumpkin ', 'hey pumpkin'],
  ['🎃 hey pumpkin👩🏽‍🚀🇩🇪❤️', 'hey pumpkin'],
  ['ＨＥＹ ﬁnd me', 'HEY find me'],
  ['route 66', 'route 66'],
  // Nothing would be left.
  [' 🎃 ', '🎃'],
])('takes %j for what was meant', (typed, meant) => {
  expect(asMeant(typed)).toBe(meant);
});

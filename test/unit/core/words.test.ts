import { expect, it } from 'vitest';
import { countWords } from '../../../src/core/words.js';

it('counts what white space parts', () => {
  expect(['', ' \n', 'off', ' turn  the light\toff '].map(countWords)).toEqual([0, 0, 1, 4]);
});

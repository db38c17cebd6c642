import { expect, it } from 'vitest';
import { acceptBelow } from '../../../../src/voice/words/takes-point.js';

it('asks a little less of a word than its worst take reached', () => {
  expect(acceptBelow(0.75)).toBe(0.52);
});

it('asks neither so little that others wake it, nor so much that it is missed', () => {
  expect(acceptBelow(0)).toBe(0.4);
  expect(acceptBelow(1)).toBe(0.6);
});

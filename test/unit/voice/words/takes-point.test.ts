import { expect, it } from 'vitest';
import { acceptBelow, oddOf, UNREAD } from '../../../../src/voice/words/takes-point.js';

it('asks a little less of a word than its worst take reached', () => {
  expect(acceptBelow(0.75)).toBe(0.52);
});

it('asks neither so little that others wake it, nor so much that it is missed', () => {
  expect(acceptBelow(0)).toBe(0.4);
  expect(acceptBelow(1)).toBe(0.6);
});

it('asks more of a word that takes alone judge the more like each other they are', () => {
  expect(acceptBelow(0.9, UNREAD)).toBe(0.3);
  expect(acceptBelow(0.99, UNREAD)).toBe(0.52);
  expect(acceptBelow(0.999, UNREAD)).toBe(0.73);
  expect(acceptBelow(0.5, UNREAD)).toBe(0.25);
  expect(acceptBelow(1, UNREAD)).toBe(0.9);
});

it('knows a take of another word where the rest are sure of each other', () => {
  expect(oddOf([1, 0.99, 1, 0.01, 0.97])).toBe(3);
  expect(oddOf([1, 0.99, 0.4])).toBeNull();
  expect(oddOf([0.05, 0.02, 0.9])).toBeNull();
});

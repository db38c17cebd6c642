import { describe, expect, it } from 'vitest';
import { PhoneInventory } from '../../../../src/voice/words/phones.js';
import { type Posteriors, type Speech, WordSearch } from '../../../../src/voice/words/search.js';

const labels = ['k', 'æ', 'ɑ', 't', 'd', 'm', 'n', 'ə', 'oʊ', 'l', '<wb>', '<blank>'];
const inventory = new PhoneInventory(labels);

/** Posteriors in which each step is sure of one label; `-` is the blank. */
function spoken(text: string): Posteriors {
  const steps = text.split(' ');
  const logProbs = new Float32Array(steps.length * labels.length).fill(Math.log(0.001));
  steps.forEach((phone, step) => {
    const label = labels.indexOf(phone === '-' ? '<blank>' : phone);
    logProbs[step * labels.length + label] = Math.log(0.99);
  });
  return { steps: steps.length, labels: labels.length, logProbs };
}

function find(text: string, word: string, speech?: Speech) {
  const search = new WordSearch(inventory, speech);
  search.load(spoken(text));
  return search.find(inventory.parse(word));
}

it('tells whether speech goes on with another sound', () => {
  const search = new WordSearch(inventory);
  search.load(spoken('k æ - <wb> d m -'));
  const [t = 0] = inventory.parse('t');
  expect(search.emissions.otherThan(t, 2, 5)).toBeLessThan(0.1);
  expect(search.emissions.otherThan(t, 2, 9)).toBeGreaterThan(0.9);
});

describe('a word searched in phones', () => {
  it('fits where it is said, and nowhere better', () => {
    const { score, start, end } = find('- m - k k - æ - t t - m -', 'kæt');
    expect(score).toBeCloseTo(0, 1);
    expect([start, end]).toEqual([3, 10]);
  });

  it('fits worse the more of it was said otherwise', () => {
    const whole = find('- k æ t -', 'kæt').score;
    const alike = find('- k æ d -', 'kæt').score;
    const other = find('- m m m -', 'kæt').score;
    expect(whole).toBeGreaterThan(alike);
    expect(alike).toBeGreaterThan(-1);
    expect(other).toBeLessThan(-1.5);
  });

  it('is found with one phone swallowed, at a price', () => {
    expect(find('- k t -', 'kæt').score).toBeCloseTo(-1, 1);
  });

  it('may be said across a pause between two words', () => {
    expect(find('k æ - <wb> - t', 'kæt').score).toBeCloseTo(0, 1);
  });

  it('is not found where its halves are far apart', () => {
    const apart = `k æ ${'- '.repeat(100)}t`;
    expect(find(apart, 'kæt').score).toBeLessThan(find('k æ - - t', 'kæt').score - 0.5);
  });

  it('is found whatever stood long before it', () => {
    expect(find(`k ${'- '.repeat(100)}k æ t`, 'kæt').score).toBeCloseTo(0, 1);
  });

  it('wants a pause between two phones that are the same', () => {
    expect(find('k k', 'kk').score).toBeLessThan(find('k - k', 'kk').score);
  });
});

describe('a word that people of any accent say', () => {
  it('fits as well where it is said as it is written', () => {
    expect(find('- k æ t -', 'kæt', 'accented').score).toBeCloseTo(find('- k æ t -', 'kæt').score, 3);
  });

  it('fits with another vowel that accents have there, and no better than with its own', () => {
    const other = find('- k ɑ t -', 'kæt', 'accented').score;
    expect(other).toBeGreaterThan(find('- k ɑ t -', 'kæt').score + 0.5);
    expect(other).toBeLessThan(find('- k æ t -', 'kæt', 'accented').score - 0.5);
  });

  it('fits with a vowel in place of its l, which hardly fits it as it is written', () => {
    const vowel = find('- k æ m oʊ -', 'kæməl', 'accented').score;
    expect(vowel).toBeGreaterThan(-1);
    expect(find('- k æ m oʊ -', 'kæməl').score).toBeLessThan(vowel - 0.5);
  });

  it('may lack its last phone at less than any other', () => {
    expect(find('- k æ -', 'kæt', 'accented').score).toBeCloseTo(-2 / 3, 1);
    expect(find('- k t -', 'kæt', 'accented').score).toBeCloseTo(-1, 1);
  });

  it('does not fit for any other sound', () => {
    const other = '- k m t -';
    expect(find(other, 'kæt', 'accented').score).toBeCloseTo(find(other, 'kæt').score, 1);
  });
});

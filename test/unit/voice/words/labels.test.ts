import { describe, expect, it } from 'vitest';
import { labelOf, unknownWords } from '../../../../src/voice/words/labels.js';

const KNOWN = ['alexa', 'computer', 'jarvis', 'smart_mirror', 'view_glass'];

describe('a word of the model', () => {
  it.each([
    ['Alexa', 'alexa'],
    ['smart mirror', 'smart_mirror'],
    ['View-Glass', 'view_glass'],
    [' VIEW_GLASS ', 'view_glass'],
    ['hey jarvis', null],
  ])('%s is %s', (written, label) => {
    expect(labelOf(written, KNOWN)).toBe(label);
  });

  it('that it does not know is told with the one that was meant, and how to have it all the same', () => {
    const words = [
      [0, 'Alexa'],
      [1, 'hey jarvis'],
      [2, 'zebra'],
    ] as const;
    expect(unknownWords(['words'], words, 'wake-tiny', KNOWN)).toEqual([
      {
        path: ['words', 1],
        message:
          'expected a word of model wake-tiny, or a word of your own, { say: "hey jarvis" }, found "hey jarvis"',
        among: { found: 'hey jarvis', known: KNOWN },
      },
      expect.objectContaining({ path: ['words', 2], among: { found: 'zebra', known: KNOWN } }),
    ]);
  });
});

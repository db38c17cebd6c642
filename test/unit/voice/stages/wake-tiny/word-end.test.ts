import { describe, expect, it } from 'vitest';
import { WordEnd } from '../../../../../src/voice/stages/wake-tiny/word-end.js';

const STEP = 320;

/** Hears frames of one label's scores, the first of which ends at sample 320; where words were found to end. */
function ends(scores: readonly number[], word = new WordEnd([160])): readonly number[] {
  return scores.flatMap((score, i) => {
    word.push(Float32Array.of(score), (i + 1) * STEP);
    return word.take() ?? [];
  });
}

const quiet = new Array<number>(6).fill(0.01);

describe('the end of a word', () => {
  it('lies as long before the middle of its score as the model says, once it no longer scores', () => {
    expect(ends([...quiet, 0.9, 0.9, 0.9, 0.9, 0.9, ...quiet])).toEqual([9 * STEP - 160]);
  });

  it('is drawn to where it scores most', () => {
    const [end = 0] = ends([...quiet, 0.5, 0.5, 0.5, 0.9, 0.9, ...quiet]);
    expect(end).toBeGreaterThan(9 * STEP - 160);
  });

  it('is one where its score dips for a few frames', () => {
    expect(ends([...quiet, 0.9, 0.9, 0.2, 0.2, 0.9, 0.9, ...quiet])).toHaveLength(1);
    expect(ends([...quiet, 0.9, 0.9, ...quiet, 0.9, 0.9, ...quiet])).toHaveLength(2);
  });

  it('is not known of a label that the model does not place', () => {
    expect(ends([...quiet, 0.9, 0.9, 0.9, ...quiet], new WordEnd([null]))).toEqual([]);
  });

  it('is not known of a word that a gap cut off', () => {
    const word = new WordEnd([160]);
    expect(ends([0.9, 0.9, 0.9], word)).toEqual([]);
    word.reset();
    expect(ends(quiet, word)).toEqual([]);
  });
});

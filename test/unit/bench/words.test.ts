import { appendFileSync, copyFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { benchWords, type WordsBenchOptions } from '../../../src/bench/words.js';
import type { Manner } from '../../../src/bench/words-told.js';
import { listed } from '../../support/listed-words.js';
import { voiceRecording } from '../../support/replay.js';

const measured = (data: string, manners: readonly Manner[], more: Partial<WordsBenchOptions> = {}) =>
  benchWords({
    data,
    negatives: [],
    conditions: ['clean'],
    manners,
    every: 1,
    hours: null,
    workers: 1,
    draws: 1,
    seed: 'test',
    onRecordings: () => {},
    ...more,
  });

describe('the benchmark of own words', () => {
  it('counts the clips of a phrase that begins with a call', async () => {
    const { phrases } = await measured(listed('hey alexa', 1), ['typed']);
    expect(phrases['hey alexa']?.typed?.clean?.clips).toBe(1);
  });

  it('measures a phrase that could be no name, by its takes alone', async () => {
    const { phrases } = await measured(listed("7 o'clock, alexa", 6), ['takesAlone']);
    expect(phrases["7 o'clock, alexa"]?.takesAlone?.clean).toMatchObject({ clips: 1 });
  });

  it('measures the others where nobody knows to say one, or has clips enough of it, and says so', async () => {
    const data = listed('alexa', 2);
    for (const [name, phrase] of [
      ['hello', '你好'],
      ['year', '1984'],
    ]) {
      copyFileSync(voiceRecording('settled'), join(data, `${name}.wav`));
      appendFileSync(join(data, 'words.csv'), `${name}.wav,${phrase},ann\n`);
    }
    const { phrases, refused } = await measured(data, ['typed', 'own3']);
    expect(Object.keys(phrases)).toEqual(['alexa']);
    const why = Object.fromEntries(refused.map((each) => [`${each.phrase}, ${each.manner}`, each.why]));
    expect(why).toEqual({
      '你好, typed': expect.stringContaining('expected Latin letters'),
      '1984, typed': expect.stringContaining('expected a word or phrase in letters'),
      'alexa, own3': 'expected a speaker with more than 3 clips, found too few',
      '你好, own3': 'expected a speaker with more than 3 clips, found too few',
      '1984, own3': 'expected a speaker with more than 3 clips, found too few',
    });
  });

  it('tells words by several draws of takes, and counts them together', async () => {
    const data = listed('alexa', 6);
    const { phrases, manners } = await measured(data, ['typed', 'takesAlone'], { draws: 2 });
    expect(phrases.alexa?.takesAlone?.clean?.clips).toBe(2);
    expect(manners.takesAlone?.draws.map(({ clean }) => clean?.clips)).toEqual([1, 1]);
    expect(manners.typed?.draws.map(({ clean }) => clean?.clips)).toEqual([6]);
  });

  it("hears openWakeWord's head and takes compared by embeddings beside it", async () => {
    const { phrases, unreadable } = await measured(listed('alexa', 7), ['openWakeWord', 'dtw']);
    expect(unreadable).toEqual([]);
    expect(phrases.alexa?.openWakeWord?.clean).toEqual({ clips: 7, missed: 0 });
    expect(phrases.alexa?.dtw?.clean?.clips).toBe(2);
    expect(phrases.alexa?.dtw?.secondsToAdd).toBeNull();
  });

  it('lets processes share the recordings, and says which it leaves out', async () => {
    const data = listed('hey alexa', 2);
    const told: number[] = [];
    const { phrases, manners, leftOut } = await measured(data, ['typed'], {
      negatives: [dirname(voiceRecording('settled'))],
      hours: 0.0001,
      workers: 2,
      onRecordings: (heard) => told.push(heard),
    });
    expect(phrases['hey alexa']?.typed?.clean?.clips).toBe(2);
    expect(manners.typed?.clean?.clips).toBe(2);
    expect(leftOut).toBeGreaterThan(0);
    expect(told.at(-1)).toBe(told.length - 1);
  });
});

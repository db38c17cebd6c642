import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Clip, dealt, readClips } from '../../../src/bench/words-told.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const clips = (people: number, each: number): readonly Clip[] =>
  Array.from({ length: people * each }, (_, at) => ({
    path: `${at}.wav`,
    phrase: 'hey pumpkin',
    speaker: `person${at % people}`,
  }));

describe('the clips of the benchmark of own words', () => {
  it('measures nobody who gave a take, where takes are of others', () => {
    const all = clips(8, 2);
    const [told] = dealt(all, 'takes5', 'seed');
    const speakerOf = (path: string) => all.find((clip) => clip.path === path)?.speaker;
    const givers = new Set(told?.takes.map(speakerOf));
    expect(givers.size).toBe(5);
    expect([...(told?.measured ?? [])].filter((path) => givers.has(speakerOf(path)))).toEqual([]);
  });

  it('deals the same takes whatever the order of the list', () => {
    const all = clips(8, 2);
    expect(dealt([...all].reverse(), 'takes5', 'seed')).toEqual(dealt(all, 'takes5', 'seed'));
  });

  it('measures one speaker by three takes of that speaker', () => {
    const [told] = dealt(clips(2, 6), 'own3', 'seed');
    expect([told?.takes.length, told?.measured.size]).toEqual([3, 3]);
  });

  it('leaves a phrase out that has too few people for takes', () => {
    expect(dealt(clips(5, 3), 'takes5', 'seed')).toEqual([]);
  });

  it('names the row of a list whose recording is not there', () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'words.csv'), 'file,phrase,speaker\nnone.wav,hey pumpkin,ann\n');
    expect(() => readClips(folder)).toThrow(/words\.csv, row 1: expected a recording at none\.wav/);
  });
});

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

  it('names the line of a list whose recording is not there', () => {
    const folder = listed('file,phrase,speaker\n\nnone.wav,hey pumpkin,ann\n');
    expect(() => readClips(folder)).toThrow(/words\.csv, line 3: expected a recording at none\.wav/);
  });

  it('reads a list as spreadsheets write it', () => {
    const elsewhere = join(temporaryFolder(), 'far.wav');
    writeFileSync(elsewhere, '');
    const rows = ['"a, b.wav",Hey Pumpkin,ann,1', '', `${elsewhere},"hey, pumpkin!",bob,2`, 'c.wav, oh moon'];
    const folder = listed(`\uFEFFfile,phrase,speaker,seconds\r\n${rows.join('\r\n')}\r\n`);
    expect(readClips(folder)).toEqual([
      { path: join(folder, 'a, b.wav'), phrase: 'Hey Pumpkin', speaker: 'ann' },
      { path: elsewhere, phrase: 'Hey Pumpkin', speaker: 'bob' },
      { path: join(folder, 'c.wav'), phrase: 'oh moon', speaker: '' },
    ]);
  });

  it('counts a recording once that is listed twice, and refuses one of two phrases', () => {
    const twice = 'file,phrase,speaker\nc.wav,moon,ann\n./c.wav,moon,ann\n';
    expect(readClips(listed(twice))).toHaveLength(1);
    expect(() => readClips(listed(`${twice}c.wav,sun,ann\n`))).toThrow(
      /line 4: expected one phrase of c\.wav, found "moon" too/,
    );
  });

  it('says where a list is none', () => {
    expect(() => readClips(listed('file,phrase,speaker\na.wav,hey, pumpkin,ann\n'))).toThrow(
      /words\.csv: expected a table of file,phrase,speaker: .*line 2/,
    );
    expect(() => readClips(listed('path,word\nc.wav,moon\n'))).toThrow(
      /line 2: expected file,phrase,speaker, found ","/,
    );
  });
});

/** A folder with a list and the recordings `a, b.wav` and `c.wav`. */
function listed(list: string): string {
  const folder = temporaryFolder();
  for (const name of ['a, b.wav', 'c.wav']) writeFileSync(join(folder, name), '');
  writeFileSync(join(folder, 'words.csv'), list);
  return folder;
}

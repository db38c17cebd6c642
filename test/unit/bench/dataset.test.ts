import { mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mentions, readDataset, readNegatives } from '../../../src/bench/dataset.js';
import { partOfSplit } from '../../../src/bench/split.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('a data folder', () => {
  const folder = temporaryFolder();
  writeFileSync(
    join(folder, 'wake.csv'),
    'file,keyword,group,seconds\nwake/a.flac,alexa,7,2\nwake/b.flac,alexa,8,2\n',
  );
  writeFileSync(
    join(folder, 'orders.csv'),
    'file,label,seconds,source\norders/0.opus,"{""intent"": ""a, b""}",6.6,x.wav\n',
  );
  mkdirSync(join(folder, 'noise/background'), { recursive: true });
  writeFileSync(join(folder, 'noise/background/tap.flac'), '');

  it('is read from the lists that are there, long backgrounds included', () => {
    const found = readDataset(folder);
    expect(found.map(({ corpus, keywords, group }) => [corpus, keywords, group])).toEqual([
      ['wake', ['alexa'], '7'],
      ['wake', ['alexa'], '8'],
      ['orders', [], 'x.wav'],
      ['noise', [], 'tap.flac'],
    ]);
    expect(readNegatives(join(folder, 'noise'))).toHaveLength(1);
    expect(() => readDataset(tmpdir())).toThrow(/expected at least one of wake.csv/);
  });

  it('of other recordings is no file, and is there', () => {
    for (const none of ['wake.csv', 'nowhere'])
      expect(() => readNegatives(join(folder, none))).toThrow('expected a folder of recordings, found none');
  });

  it('is cut to the part that training never saw', () => {
    const split = join(folder, 'split.json');
    const sources = { orders: 'test', noise: 'train', wuw: { test: 0.5 } };
    writeFileSync(
      split,
      JSON.stringify({ wake: { test: ['7'], calibration: ['8'] }, commands: { test: 0.3 }, sources }),
    );
    expect(partOfSplit(readDataset(folder), 'test', split).map(({ group }) => group)).toEqual(['7', 'x.wav']);
    expect(partOfSplit(readDataset(folder), 'calibration', split).map(({ group }) => group)).toEqual(['8']);
    expect(() => partOfSplit([], 'test', join(folder, 'none.json'))).toThrow(/--split/);
  });

  it('finds words in transcripts as words of their own', () => {
    expect(mentions({ text: 'hi computer how are you' }, 'computer')).toBe(true);
    expect(mentions({ text: 'computers' }, 'computer')).toBe(false);
    expect(mentions({ text: 'look into the smart mirror' }, 'smart_mirror')).toBe(true);
    expect(mentions({ text: '' }, 'alexa')).toBe(false);
  });
});

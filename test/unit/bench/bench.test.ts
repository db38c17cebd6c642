import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { endOfSpeech, mixNoise, padded, seededRandom } from '../../../src/bench/audio.js';
import { mentions, readDataset, readNegatives } from '../../../src/bench/dataset.js';
import { testPart } from '../../../src/bench/split.js';
import { perHour, poisson, quantile, wilson } from '../../../src/bench/statistics.js';
import { WakeTally } from '../../../src/bench/wake-tally.js';
import type { CascadeEvent } from '../../../src/core/events/events.js';

describe('intervals', () => {
  it("are Wilson's for shares", () => {
    // Worked example: 10 of 100, 95%: 0.0552 to 0.1744.
    expect(wilson(10, 100).low).toBeCloseTo(0.0552, 4);
    expect(wilson(10, 100).high).toBeCloseTo(0.1744, 4);
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('of counts agree with the exact Poisson ones within two percent', () => {
    // Exact (chi-square): 0 -> 3.689; 10 -> 4.795 to 18.390.
    expect(poisson(0).low).toBe(0);
    expect(Math.abs(poisson(0).high / 3.689 - 1)).toBeLessThan(0.02);
    expect(Math.abs(poisson(10).low / 4.795 - 1)).toBeLessThan(0.02);
    expect(Math.abs(poisson(10).high / 18.39 - 1)).toBeLessThan(0.02);
    expect(perHour(3, 0).high).toBe(Number.POSITIVE_INFINITY);
  });

  it('quantiles are values that were seen', () => {
    expect(quantile([5, 1, 3], 0.5)).toBe(3);
    expect(quantile([5, 1, 3], 0.99)).toBe(5);
    expect(quantile([], 0.5)).toBeNull();
  });
});

describe('mixing noise', () => {
  const word = new Float32Array(16_000);
  for (let i = 4000; i < 12_000; i++) word[i] = 0.2 * Math.sin(i / 3);
  const noise = Float32Array.from({ length: 5000 }, (_, i) => 0.01 * Math.sin(i * i));
  const powerOf = (samples: Float32Array) => samples.reduce((sum, x) => sum + x * x, 0) / samples.length;

  it('reaches the wanted ratio of speech to noise, in the margins too, the same every time', () => {
    const mix = () => mixNoise(word, noise, { snrDb: 10, lead: 8000, tail: 8000, random: seededRandom('a') });
    const mixed = mix();
    expect(mix()).toEqual(mixed);
    const speech = powerOf(word.subarray(4000, 12_000));
    expect(10 * Math.log10(speech / powerOf(mixed.subarray(0, 8000)))).toBeCloseTo(10, 0);
    expect(mixed.length).toBe(32_000);
  });

  it('finds the end of a word, and pads with what no microphone is quieter than', () => {
    expect(endOfSpeech(word)).toBeCloseTo(12_000, -2.6);
    const whole = padded(word, 100, 50, seededRandom('b'));
    expect(whole.length).toBe(16_150);
    expect(Math.max(...whole.subarray(0, 100))).toBeGreaterThan(0);
  });
});

describe('a data folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'catnap-data-'));
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

  it('is cut to the part that training never saw', () => {
    const split = join(folder, 'split.json');
    const sources = { orders: 'test', noise: 'train', wuw: { test: 0.5 } };
    writeFileSync(split, JSON.stringify({ wake: { test: ['7'] }, commands: { test: 0.3 }, sources }));
    expect(testPart(readDataset(folder), split).map(({ group }) => group)).toEqual(['7', 'x.wav']);
    expect(() => testPart([], join(folder, 'none.json'))).toThrow(/--split/);
  });
});

describe('the tally', () => {
  const event = (type: 'noticed' | 'verified', label: string, sample: number) =>
    ({ type, label, sample }) as unknown as CascadeEvent;
  const heard = (
    words: readonly string[],
    events: readonly CascadeEvent[],
    mentioned: readonly string[] = [],
  ) => ({
    words,
    mentioned,
    seconds: 1800,
    endSample: 16_000,
    events,
    wordOf: (label: string) => label,
  });

  it('counts hits, misses, wrong words and false accepts of each stage', () => {
    const tiny = new WakeTally('e', 'tiny', 'clean', ['alexa', 'jarvis']);
    const both = new WakeTally('e', 'tiny+heavy', 'clean', ['alexa', 'jarvis']);
    for (const tally of [tiny, both]) {
      tally.add(heard(['alexa'], [event('noticed', 'alexa', 17_600), event('verified', 'alexa', 19_200)]));
      tally.add(heard(['alexa'], [event('noticed', 'jarvis', 17_600)]));
      tally.add(heard([], [event('noticed', 'alexa', 1)]));
      tally.add(heard([], []));
    }
    expect(tiny.result()).toMatchObject({ falseAccepts: 2, hours: 2, heavyWakeups: 2, doubles: 0 });
    expect(tiny.result().keywords.alexa).toMatchObject({ clips: 2, missed: 1, falseAccepts: 1, hours: 1 });
    expect(tiny.result().keywords.jarvis).toMatchObject({ clips: 0, missed: 0, falseAccepts: 1, hours: 2 });
    expect(both.result()).toMatchObject({ falseAccepts: 0, missedMean: 0.5, missedWorst: 0.5 });
    expect(both.result().keywords.alexa?.latencyMs.p50).toBe(200);
  });

  it('takes a word that is said in a sentence for no false accept, and for no clip either', () => {
    const tally = new WakeTally('e', 'tiny', 'clean', ['alexa', 'jarvis']);
    tally.add(heard([], [event('noticed', 'alexa', 1)], ['alexa']));
    tally.add(heard([], [event('noticed', 'jarvis', 1)], ['alexa']));
    expect(tally.result()).toMatchObject({ falseAccepts: 1, heavyWakeups: 1 });
    expect(tally.result().keywords.alexa).toMatchObject({ clips: 0, falseAccepts: 0, hours: 0 });
  });

  it('finds words in transcripts as words of their own', () => {
    expect(mentions({ text: 'hi computer how are you' }, 'computer')).toBe(true);
    expect(mentions({ text: 'computers' }, 'computer')).toBe(false);
    expect(mentions({ text: 'look into the smart mirror' }, 'smart_mirror')).toBe(true);
    expect(mentions({ text: '' }, 'alexa')).toBe(false);
  });
});

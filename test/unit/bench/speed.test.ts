import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MemoryReadings } from '../../../src/bench/memory.js';
import { repeatedWord, sinceWordMs, wavOf } from '../../../src/bench/speed-signals.js';
import { LAUNCH_ENV, LAUNCH_FLAGS } from '../../../src/runtime/process/launch-flags.js';
import { root } from '../../support/tools.js';

/** A day of readings, one a minute. */
function day(mbAt: (hour: number) => number) {
  const readings = new MemoryReadings(24);
  for (let minute = 0; minute <= 24 * 60; minute++) readings.take(minute / 60, mbAt(minute / 60));
  return readings.figures();
}

/** Goes up and down by 2 MB every ten minutes, as a heap does between collections. */
const sawtooth = (hour: number) => ((hour * 6) % 1) * 2;

describe('memory over a replayed day', () => {
  it('finds a leak, and how sure that is', () => {
    const { slopeMbPerHour, slopeInterval } = day((hour) => 80 + 0.5 * hour + sawtooth(hour));
    expect(slopeMbPerHour).toBeCloseTo(0.5, 1);
    expect(slopeInterval.low).toBeGreaterThan(0.4);
  });

  it('calls flat what goes up and down', () => {
    const { slopeInterval } = day((hour) => 80 + sawtooth(hour));
    expect(slopeInterval.low).toBeLessThanOrEqual(0.01);
    expect(slopeInterval.high).toBeGreaterThanOrEqual(-0.01);
  });

  it('keeps the growth of starting out of the slope, and tells what stood when', () => {
    const figures = day((hour) => (hour < 1 ? 40 + 40 * hour : 80));
    expect(figures).toMatchObject({ afterAnHourMb: 80, atTheEndMb: 80 });
    expect(figures.afterTenMinutesMb).toBeCloseTo(47, 0);
    expect(figures.slopeMbPerHour).toBeCloseTo(0, 6);
  });
});

it('writes samples as 16-bit WAV and keeps what is too loud in range', () => {
  const wav = wavOf(Float32Array.of(0, 0.5, 2, -2));
  expect(wav.readUInt32LE(40)).toBe(8);
  expect([0, 1, 2, 3].map((i) => wav.readInt16LE(44 + 2 * i))).toEqual([0, 16_384, 32_767, -32_768]);
});

it('knows how long ago a word ended in a recording that is played over and over', async () => {
  const words = { endSamples: [1600, 8000], lengthSamples: 16_000 };
  expect([1599, 3200, 8016, 16_000 + 4800].map((sample) => sinceWordMs(words, sample))).toEqual([
    null,
    100,
    1,
    200,
  ]);
});

it('repeats a word that ends where it falls silent', async () => {
  const { samples, words } = await repeatedWord();
  const loudest = (from: number, to: number) =>
    samples.subarray(from, to).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(words.lengthSamples).toBe(samples.length);
  for (const end of words.endSamples)
    expect(loudest(end, end + 1600)).toBeLessThan(loudest(end - 8000, end) / 5);
});

it('is measured as users start it', () => {
  const environment = Object.entries(LAUNCH_ENV)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
  const flags = LAUNCH_FLAGS.join(' ');
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const [firstLine = ''] = read('bin/catnap.js').split('\n', 1);
  expect(firstLine).toBe(`#!/usr/bin/env -S ${environment} node ${flags}`);
  // Linux reads no more of it (BINPRM_BUF_SIZE).
  expect(firstLine.length).toBeLessThan(255);
  expect(JSON.parse(read('package.json'))).toMatchObject({
    bin: { catnap: 'bin/catnap.js' },
    scripts: { start: expect.stringContaining('&& bin/catnap.js run --demo') },
  });
  const unit = read('docs/pi/catnap.service');
  expect(unit).toContain(`Environment=${environment}\n`);
  expect(unit).toContain(`ExecStart=/usr/bin/node ${flags} /opt/catnap/dist/cli.js run`);
});

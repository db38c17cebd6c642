import { describe, expect, it } from 'vitest';
import { benchDrift } from '../../../../src/bench/drift.js';
import { mulberry32 } from '../../../../src/core/random.js';
import { DriftWatch } from '../../../../src/learning/drift/drift-watch.js';
import { MeanWatch, type Shift } from '../../../../src/learning/drift/mean-watch.js';
import { wake } from '../../../support/past.js';

/** Takes so many values around a mean; the first that is told, and at which value. */
function first(watch: MeanWatch, mean: number, count: number, random: () => number) {
  for (let at = 1; at <= count; at++) {
    const told = watch.take(Math.min(1, Math.max(0, mean + 0.4 * (random() - 0.5))));
    if (told !== null) return { told, at };
  }
  return null;
}

describe('a watch of a mean', () => {
  it('tells that it rose or fell, from where, and since when', () => {
    for (const [mean, move] of [
      [0.8, 'rose'],
      [0.2, 'fell'],
    ] as const) {
      const random = mulberry32(1);
      const watch = new MeanWatch(200, 10_000);
      expect(first(watch, 0.5, 1_000, random)).toBeNull();
      const found = first(watch, mean, 200, random);
      expect(found?.told).toMatchObject({ move });
      if (found === null) throw new Error('it was told');
      const { before, since, values } = found.told as Shift;
      expect(before).toBeCloseTo(0.5, 1);
      expect(since).toBeCloseTo(mean, 1);
      // It began with the change, as far as a few values can tell.
      expect(Math.abs(values - found.at)).toBeLessThan(20);
      // Told once; and once more when it is as it was.
      expect(first(watch, mean, 500, random)).toBeNull();
      expect(first(watch, 0.5, 200, random)?.told).toBe('recovered');
    }
  });

  it('gives no more false alarms than one in its run length, looked at after every value', () => {
    let alarms = 0;
    for (let seed = 0; seed < 100; seed++) {
      const random = mulberry32(seed);
      const watch = new MeanWatch(50, 1_000);
      if (first(watch, 0.5, 1_050, random) !== null) alarms += 1;
    }
    // A hundred thousand values: at most a hundred are allowed on average.
    expect(alarms).toBeLessThan(100);
  });
});

describe('drift', () => {
  const usual = { levelDb: -30, floorDb: -60, pitchHz: 120 };

  /** What is told of a house of so many wakes, half of them with another sound. */
  const toldOf = (change: Partial<typeof usual>) => {
    const watch = new DriftWatch({ referenceValues: 100, runLength: 1_000 });
    const random = mulberry32(1);
    const about = (value: number, spread: number) => value + spread * (random() - 0.5);
    return Array.from({ length: 400 }, (_, n) => {
      const { levelDb, floorDb, pitchHz } = n < 200 ? usual : { ...usual, ...change };
      const sound = { levelDb: about(levelDb, 6), floorDb: about(floorDb, 6), pitchHz: about(pitchHz, 12) };
      const wallTime = new Date(Date.UTC(2026, 0, 1) + n * 2 * 3_600_000).toISOString();
      return watch.take({
        ...wake(n, 0.8, 0.9, true),
        sound,
        measured: { wallTime, run: 'r', latencyMs: null },
      });
    }).flat();
  };

  it('says which measure of which source changed, since when, how much, likely why and what to do', () => {
    const watch = new DriftWatch({ referenceValues: 100, runLength: 1_000 });
    const said = Array.from({ length: 400 }, (_, n) =>
      watch.take(wake(n, n < 200 ? 0.8 : 0.3, 0.9, true)),
    ).flat();
    expect(said).toEqual([
      expect.objectContaining({ component: 'kitchen/drift-tiny', state: 'degraded', code: 'DRIFT' }),
    ]);
    expect(said[0]?.detail).toMatch(
      /confidence .* fell from 0.80 to 0.30 since .* likely the sensor has an offset.*catnap tune/,
    );
  });

  it('tells small moves with as many decimals as tell them apart', () => {
    const watch = new DriftWatch({ referenceValues: 100, runLength: 1_000 });
    const said = Array.from({ length: 400 }, (_, n) =>
      watch.take(wake(n, n < 200 ? 0.997 : 0.993, 0.9, true)),
    ).flat();
    expect(said[0]?.detail).toContain('fell from 0.997 to 0.993 since');
  });

  it.each([
    [{ levelDb: -42, floorDb: -72 }, /the microphone was turned down or covered \(.*1[12]\.\d dB\)/],
    [{ levelDb: -42 }, /the microphone, or who speaks, was moved away/],
    [{ floorDb: -50 }, /a new noise \(\d+\.\d dB more\)/],
    [{ pitchHz: 220, levelDb: -36 }, /somebody new speaks \(pitch higher by \d+\.\d semitones/],
  ] as const)('tells what is behind it by how the sound moved: %o', (change, cause) => {
    const told = toldOf(change);
    expect(told.length).toBeGreaterThan(0);
    for (const { detail } of told) expect(detail).toMatch(cause);
  });

  it('says nothing of a sound that is as it was', () => {
    expect(toldOf({})).toEqual([]);
  });

  it('is found in simulated houses, and seldom where there is none', () => {
    const { changes, falseAlarmsAMonth } = benchDrift(2);
    for (const change of ['gain -12 dB', 'new noise', 'price doubled'])
      expect(changes.find((each) => each.change === change)).toMatchObject({ found: 2 });
    expect(falseAlarmsAMonth).toBeLessThan(1);
  });
});

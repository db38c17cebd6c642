import { describe, expect, it } from 'vitest';
import { benchTune, volumeOf } from '../../../src/bench/tune.js';
import { tunableSettling } from '../../../src/bench/tune-settled.js';
import { tunableWords } from '../../../src/bench/tune-words.js';
import type { Listened } from '../../../src/learning/tuning/tuning.js';
import { seeded } from '../../support/sensor-rows.js';

const SPLITS = 20;
const groups = Array.from({ length: 24 }, (_, at) => `voice${at}`);

/** Voices that say two words, each in stretches of its own, and are taken for either at times: jarvis is less sure. */
function voices(): readonly Listened[] {
  const random = seeded(3);
  const about = (middle: number) => Math.min(1, Math.max(0, middle + (random() - 0.5) / 5));
  return groups.flatMap((group) =>
    Array.from({ length: 10 }, (_, at) => {
      const [label, sure] = at % 2 === 0 ? (['alexa', 0.9] as const) : (['jarvis', 0.5] as const);
      const candidate = { label, tiny: 0.5 };
      const said = { ...candidate, real: true, heavy: about(sure) };
      const taken = { ...candidate, real: false, heavy: about(sure - 0.2) };
      return { group, seconds: 180, said: [label], candidates: random() < 0.3 ? [said, taken] : [said] };
    }),
  );
}

describe('the benchmark of tuning', () => {
  it('measures what points leave of the square, and nothing beyond the reference point', () => {
    expect(volumeOf([{ missed: 0, wrong: 0 }])).toBe(1);
    expect(volumeOf([{ missed: 0.5, wrong: 0.5 }])).toBe(0.25);
    // A beaten point adds nothing, a further one of the front the rectangle beside it.
    expect(
      volumeOf([
        { missed: 0.5, wrong: 0.5 },
        { missed: 0.6, wrong: 0.5 },
      ]),
    ).toBe(0.25);
    expect(
      volumeOf([
        { missed: 0.5, wrong: 0.5 },
        { missed: 0, wrong: 0.75 },
      ]),
    ).toBe(0.25 + 0.5 * 0.25);
    expect(volumeOf([{ missed: 0, wrong: 1 }])).toBe(0);
  });

  it('finds that words of unlike stages are served by thresholds of their own, where those were not chosen', () => {
    const shared = { notice: 0.1, accept: 0.5 };
    const result = benchTune(
      tunableWords({
        words: ['alexa', 'jarvis'],
        heard: [{ notice: 0.1, listened: voices() }],
        heardOnGrid: null,
        inForce: { alexa: shared, jarvis: shared },
        wish: { falseAcceptsPerHour: 1, believedPerHour: null, weights: null },
        mostFalsePerHour: 10,
      }),
      SPLITS,
    );
    expect(result).toMatchObject({
      groups: 24,
      splits: SPLITS,
      promised: SPLITS,
      less: { grid: 0, inForce: 0 },
    });
    const { tuned, grid, inForce } = result.hypervolume;
    expect(tuned).toBeGreaterThan(grid);
    expect(grid).toBeGreaterThan(inForce);
    expect(result.covered).toBeGreaterThanOrEqual(0.9 * SPLITS);
    expect(result.what).toBe('240 to find in 12.00 h; in force 65 missed and 38 false');
  });

  it('judges settling by what is passed on and what is settled wrongly', () => {
    const random = seeded(5);
    const items = groups.flatMap((group) =>
      Array.from({ length: 20 }, () => {
        const confidence = random();
        return { group, confidence, isRight: random() < 0.5 + confidence / 2 };
      }),
    );
    const result = benchTune(tunableSettling({ items, inForce: 0, most: 0.1, mostWrong: 0.5 }), SPLITS);
    expect(result.hypervolume.tuned).toBeGreaterThan(result.hypervolume.inForce);
    expect(result.promised).toBe(SPLITS);
    expect(result.covered).toBeGreaterThanOrEqual(0.9 * SPLITS);
    expect(result.what).toMatch(/^480 that can be settled; in force \d+ rightly, \d+ wrongly, 0 passed on$/);
  });

  it('promises nothing of a single group', () => {
    const items = [0.2, 0.8].map((confidence) => ({ group: 'ann', confidence, isRight: confidence > 0.5 }));
    expect(
      benchTune(tunableSettling({ items, inForce: 0, most: 0.1, mostWrong: 0.5 }), SPLITS).promised,
    ).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import { periodsOf, Seasons } from '../../../../src/sensor/normal/seasons.js';
import { gaussian, seeded } from '../../../support/sensor-rows.js';

const DAY_ROWS = 288;
const ROWS_PER_SECOND = 1 / 300;

/** A room that swings by five degrees a day around its own slow drift. */
function dayCourse(days: number, seed: number): Float64Array {
  const random = seeded(seed);
  let drift = 0;
  return Float64Array.from({ length: days * DAY_ROWS }, (_, row) => {
    drift = 0.98 * drift + 0.05 * gaussian(random);
    return 20 - 5 * Math.cos((2 * Math.PI * row) / DAY_ROWS) + drift + 0.1 * gaussian(random);
  });
}

function watched(values: Float64Array): {
  readonly scores: readonly number[];
  readonly courses: readonly string[];
} {
  const seasons = new Seasons(periodsOf(ROWS_PER_SECOND), 4000);
  const scores: number[] = [];
  const courses: string[] = [];
  values.forEach((value, row) => {
    seasons.push(row, value);
    scores.push(seasons.score);
    courses.push(seasons.course ?? 'none');
  });
  return { scores, courses };
}

describe('courses of day and week', () => {
  it('believes the course of the day once three days were seen, and none where there is none', () => {
    const { courses } = watched(dayCourse(10, 1));
    expect(courses[2 * DAY_ROWS]).toBe('none');
    expect(courses.slice(4 * DAY_ROWS).every((course) => course === 'day')).toBe(true);
    const random = seeded(2);
    const noise = Float64Array.from({ length: 10 * DAY_ROWS }, () => gaussian(random));
    expect(new Set(watched(noise).courses)).toEqual(new Set(['none']));
  });

  it('is surprised by a warm night that is well within what a day spans', () => {
    const values = dayCourse(12, 3);
    const from = 10 * DAY_ROWS + 24;
    const calm = watched(values).scores.slice(from, from + 36);
    for (let row = from; row < from + 36; row++) values[row] = (values[row] as number) + 2.5;
    const warm = watched(values).scores.slice(from, from + 36);
    expect(Math.max(...warm)).toBeGreaterThan(2 * Math.max(...calm));
    expect(Math.max(...warm)).toBeGreaterThan(30);
  });

  it('tells the week from the day where days differ', () => {
    const random = seeded(4);
    const values = Float64Array.from({ length: 35 * DAY_ROWS }, (_, row) => {
      const day = Math.floor(row / DAY_ROWS) % 7;
      const load = day < 5 ? 50 * (1 - Math.cos((2 * Math.PI * row) / DAY_ROWS)) : 10;
      return load + gaussian(random);
    });
    expect(watched(values).courses.at(-1)).toBe('week');
  });
});

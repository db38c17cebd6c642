import { describe, expect, it } from 'vitest';
import { isTimeZone } from '../../../../src/core/time-zone.js';
import { LocalRows } from '../../../../src/sensor/normal/local-rows.js';

const HOUR_MS = 3_600_000;
/** An hour before the clocks of Berlin go forward. */
const BEFORE_SPRING = Date.UTC(2026, 2, 29, 0);
/** An hour before they go back. */
const BEFORE_AUTUMN = Date.UTC(2026, 9, 25, 0);

function hoursOfDay(startMs: number, timeZone: string | null): readonly number[] {
  const rows = new LocalRows(startMs, HOUR_MS, timeZone);
  return [0, 1, 2, 3].map((at) => rows.rowOf(at) % 24);
}

describe('rows in local time', () => {
  it('leave an hour out where clocks go forward, and have one twice where they go back', () => {
    expect(hoursOfDay(BEFORE_SPRING, 'Europe/Berlin')).toEqual([1, 3, 4, 5]);
    expect(hoursOfDay(BEFORE_AUTUMN, 'Europe/Berlin')).toEqual([2, 2, 3, 4]);
    expect(hoursOfDay(BEFORE_SPRING, null)).toEqual([0, 1, 2, 3]);
  });

  it('know zones that are off by less than an hour, and on the other side of the date line', () => {
    const hourAt = (timeZone: string) => new LocalRows(BEFORE_SPRING, 900_000, timeZone).rowOf(0) % 96;
    expect(hourAt('Asia/Kathmandu')).toBe(23);
    expect(hourAt('Pacific/Kiritimati')).toBe(56);
    expect(hourAt('America/Los_Angeles')).toBe(68);
  });

  it('are those of the signal itself where nobody knows when it began', () => {
    expect(new LocalRows(undefined, HOUR_MS, 'Europe/Berlin').rowOf(7)).toBe(7);
  });

  it('take no zone that there is none of', () => {
    expect([isTimeZone('Europe/Berlin'), isTimeZone('UTC'), isTimeZone('Berlin')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

import { describe, expect, it } from 'vitest';
import { MessageTimes } from '../../../src/sources/message-times.js';
import type { DayOrder } from '../../../src/sources/times.js';

function reading(times: readonly unknown[], dayOrder: DayOrder | null = null) {
  const told: string[] = [];
  const reader = new MessageTimes(
    { rateHz: 1, time: 'at', timeUnitSeconds: null, dayOrder, timeZone: null },
    ({ detail }) => {
      told.push(detail);
    },
  );
  const read = times.map((at) => {
    const ms = reader.msOf({ content: { at }, timeMs: Number.NaN });
    return Number.isNaN(ms) ? null : new Date(ms).toISOString().slice(0, 16);
  });
  return { read, told };
}

describe('the times of messages', () => {
  it('are those that the place named holds, as text or number', () => {
    const { read } = reading(['2024-03-05 10:00', 1_709_632_800, 1_709_632_800_000, 'Mar 5, 2024 10:00']);
    expect(new Set(read)).toEqual(new Set(['2024-03-05T10:00']));
  });

  it('take no day for a month unasked: the first beyond the 12th decides, or the configuration', () => {
    expect(reading(['03/05/2024 10:00', '03/13/2024 10:00', '03/05/2024 10:00']).read).toEqual([
      null,
      '2024-03-13T10:00',
      '2024-03-05T10:00',
    ]);
    expect(reading(['03/05/2024 10:00'], 'dmy').read).toEqual(['2024-05-03T10:00']);
    expect(reading(Array.from({ length: 20 }, () => '03/05/2024 10:00')).told).toEqual([
      '5 rows without a time: expected a time at at that tells day from month, found "03/05/2024 10:00"; set "dayOrder" to dmy or mdy',
    ]);
  });

  it('that cannot be read are told once', () => {
    expect(reading(Array.from({ length: 50 }, () => 'soon')).told).toEqual([
      '5 rows without a time: expected a time at at, found "soon"; rows that are missing cannot be counted',
    ]);
  });
});

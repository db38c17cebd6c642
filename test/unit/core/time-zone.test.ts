import { describe, expect, it } from 'vitest';
import { LocalTimes, TimeZone } from '../../../src/core/time-zone.js';

const HOUR_MS = 3_600_000;

/** What clocks in Berlin show every half hour from `from` on, and the instants that are read off that. */
function heardFrom(from: string, halfHours: number) {
  const zone = new TimeZone('Europe/Berlin');
  const local = new LocalTimes('Europe/Berlin');
  const instants = Array.from({ length: halfHours }, (_, i) => Date.parse(from) + (i * HOUR_MS) / 2);
  return { instants, read: instants.map((utcMs) => local.utcOf(utcMs + zone.offsetAt(utcMs))) };
}

describe('local times', () => {
  it.each([
    ['summer', '2024-07-01T00:00Z'],
    ['the night in spring that lacks an hour', '2024-03-30T20:00Z'],
    ['the night in autumn that has one twice', '2024-10-26T20:00Z'],
  ])('are the instants they were shown at: %s', (_, from) => {
    const { instants, read } = heardFrom(from, 24);
    expect(read).toEqual(instants);
  });

  it('that no clock showed are taken as if it had not changed yet', () => {
    const local = new LocalTimes('Europe/Berlin');
    expect(new Date(local.utcOf(Date.parse('2024-03-31T02:30Z'))).toISOString()).toBe(
      '2024-03-31T01:30:00.000Z',
    );
  });
});

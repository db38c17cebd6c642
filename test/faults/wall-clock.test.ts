import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/core/clock.js';
import { canonicalLine } from '../../src/core/events/canonical.js';
import { format, frame, HOP, harness, signal } from '../support/cascade.js';

const YEAR_MS = 365 * 24 * 3_600_000;

/** Four wake words, of which the second comes within the refractory time of the first. */
const WORDS = signal(
  [0, 500],
  [0.9, 60],
  [0, 100],
  [0.9, 60],
  [0, 900],
  [0.9, 60],
  [0, 900],
  [0.9, 60],
  [0, 500],
);

async function logWith(clock: Clock): Promise<readonly string[]> {
  const { play, events } = harness({}, { clock });
  await play(format);
  for (let at = 0; at < WORDS.length; at += HOP) await play(frame(WORDS.subarray(at, at + HOP), at));
  return events.map(canonicalLine);
}

describe('a wall clock that jumps', () => {
  it('row 27: by a year forth and back changes no event, no refractory time and no deadline', async () => {
    const steady = await logWith({ wallMs: () => 0, monotonicMs: () => 0 });
    let asked = 0;
    const jumping: Clock = {
      wallMs: () => {
        asked += 1;
        return asked % 2 === 0 ? YEAR_MS : 0;
      },
      monotonicMs: () => 0,
    };
    expect(await logWith(jumping)).toEqual(steady);
    expect(asked).toBeGreaterThan(0);
    expect(steady.filter((line) => line.includes('"noticed"'))).toHaveLength(3);
  });
});

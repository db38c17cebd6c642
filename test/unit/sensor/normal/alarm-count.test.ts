import { describe, expect, it } from 'vitest';
import { AlarmCount } from '../../../../src/sensor/normal/alarm-count.js';

/** What is told of a signal that alarms every `every` rows, by the row it is told at. */
function toldBy(every: number, rows: number): Map<number, string> {
  const count = new AlarmCount(20, 86_400);
  const told = new Map<number, string>();
  for (let row = 1; row <= rows; row++) {
    const news = count.take(row % every === 0);
    if (news !== null) told.set(row, news);
  }
  return told;
}

describe('alarms and what was promised of them', () => {
  it('are told once where they come more often, with the rate that is kept', () => {
    const told = toldBy(1000, 20_000);
    expect([...told.keys()]).toEqual([5000]);
    expect(told.get(5000)).toMatch(
      /^5 alarms in 5000 rows, 1\.2 were to be expected by mistake: .* 86 a day/,
    );
  });

  it('say nothing where they come as often as was promised', () => {
    expect(toldBy(4320, 200_000).size).toBe(0);
    expect(toldBy(3000, 200_000).size).toBe(0);
  });
});

import { describe, expect, it } from 'vitest';
import type { EventOf } from '../../../../src/core/events/events.js';
import { CostToday, FalseAlarmsToday } from '../../../../src/home/mqtt/today.js';
import { asked, said, wake } from '../../../support/past.js';

/** The day of the events of `past.ts`, and the next. */
const TODAY_MS = Date.parse('2026-01-31T09:00:00Z');
const TOMORROW_MS = TODAY_MS + 86_400_000;

function believed(n: number, heavy: number): EventOf<'verified'> {
  const event = wake(n, 0.9, heavy, true);
  if (event.type !== 'verified') throw new Error('expected it to be believed');
  return event;
}

describe('what an answer costs', () => {
  it('is summed until midnight', () => {
    const cost = new CostToday();
    for (const n of [1, 2]) cost.take(asked(n, 0.5)[1]);
    expect([cost.at(TODAY_MS), cost.at(TOMORROW_MS)]).toEqual([1, 0]);
  });
});

describe('the estimate of false alarms', () => {
  it('is what the confidence of each leaves to be doubted, until midnight', () => {
    const alarms = new FalseAlarmsToday();
    for (const [n, confidence] of [0.9, 0.8, 1].entries()) alarms.believed(believed(n, confidence));
    expect(alarms.at(TODAY_MS)).toBeCloseTo(0.3);
    expect(alarms.at(TOMORROW_MS)).toBe(0);
  });

  it('goes by what somebody said of one, whatever its confidence', () => {
    const alarms = new FalseAlarmsToday();
    for (const n of [1, 2, 3]) alarms.believed(believed(n, 0.5));
    alarms.labelled(said(1, 'right', 10));
    alarms.labelled(said(2, 'wrong', 10));
    alarms.labelled(said(7, 'wrong', 10));
    expect(alarms.at(TODAY_MS)).toBe(1.5);
    alarms.labelled(said(2, 'right', 11));
    expect(alarms.at(TODAY_MS)).toBe(0.5);
  });

  it('keeps what thousands of detections came to without keeping each', () => {
    const alarms = new FalseAlarmsToday();
    for (let n = 0; n < 5000; n++) alarms.believed({ ...believed(1, 0.75), detection: `kitchen/${n}` });
    expect(alarms.at(TODAY_MS)).toBe(1250);
    alarms.labelled(said(1, 'right', 10));
    expect(alarms.at(TODAY_MS)).toBe(1250);
  });
});

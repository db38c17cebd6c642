import { describe, expect, it } from 'vitest';
import { type PaceContext, paceOf, tellPace, updateSecondsOf } from '../../../../src/sensor/normal/pace.js';

const level = { kind: 'level', rowSamples: 1 } as const;
const wishes = { learnSeconds: null, falseAlarmsPerDay: null, maxAlarmSeconds: 86_400 };
const pace = (rowSeconds: number, asked: number | null = null) =>
  paceOf(1 / rowSeconds, level, { ...wishes, falseAlarmsPerDay: asked });

const told = (of: ReturnType<typeof pace>, context: Partial<PaceContext> = {}) =>
  tellPace(of, { from: null, timeZone: null, updateSeconds: null, ...context });

describe('the pace of a sensor', () => {
  it('learns the longer of so much time and so many rows', () => {
    expect(pace(1).learnRows).toBe(600);
    expect(pace(300).learnRows).toBe(200);
    expect(pace(3600).learnRows).toBe(200);
    const stated = (learnSeconds: number) => paceOf(10, level, { ...wishes, learnSeconds }).learnRows;
    expect([stated(12), stated(6), stated(1)]).toEqual([120, 60, 60]);
  });

  it('promises what the rows can carry: 20 false alarms a day of fast rows, one in 1,250 slow ones', () => {
    expect(pace(1).falseAlarmsPerDay).toBe(20);
    expect(pace(300).falseAlarmsPerDay).toBeCloseTo(288 / 1250);
    expect(pace(3600).falseAlarmsPerDay).toBeCloseTo(24 / 1250);
  });

  it('promises fewer where the course of the day is believed, which asks for more', () => {
    expect(told(pace(300))).toMatch(/one false alarm in 4\.3 d, in 17 d where a course is believed$/);
    expect(told(pace(1))).not.toMatch(/where a course/);
  });

  it('says that alarms come more often at first where all of them may be shifts of the level', () => {
    expect(told(pace(1))).toMatch(/in 72 min, twice as often until alarms raise what the next one takes$/);
    expect(told(pace(0.1))).toMatch(/in 72 min, twice as often until/);
    expect(told(pace(300))).not.toMatch(/as often/);
  });

  it('tells the rate it can keep where another was asked for', () => {
    expect(pace(3600, 20).refusedPerDay).toBe(20);
    expect(pace(3600, 20).falseAlarmsPerDay).toBeCloseTo(24 / 200);
    expect(told(pace(3600, 20))).toMatch(/20 a day asked for; this pace can keep to 0\.12/);
    expect(pace(1, 5)).toMatchObject({ refusedPerDay: null, falseAlarmsPerDay: 5 });
  });

  it('says how long it learns and how soon it finds', () => {
    expect(told(pace(300))).toMatch(/^a row every 5 min: the first 200 rows \(17 h\) are learnt from/);
    expect(told(pace(300))).toMatch(/by clocks that never change \(timeZone\)/);
    expect(told(pace(300), { timeZone: 'Europe/Berlin' })).toMatch(/by the clocks of Europe\/Berlin/);
    expect(told(pace(300), { from: 'tank.csv' })).toMatch(/normal is what tank\.csv shows/);
  });

  it('tells of a fault that lasts every minute or ten rows, and never between two rows', () => {
    const updates = [0.1, 1, 60, 3600].map((rowSeconds) => updateSecondsOf({ rowSeconds }, null));
    expect(updates).toEqual([60, 60, 600, 36_000]);
    expect(updateSecondsOf({ rowSeconds: 1 }, 30)).toBe(30);
    expect(updateSecondsOf({ rowSeconds: 3600 }, 60)).toBe(3600);
    expect(told(pace(3600), { updateSeconds: 60 })).toMatch(
      /told of again every 60 min \(updateSeconds: 60 asked for; a row is the least\)$/,
    );
    expect(told(pace(1), { updateSeconds: 60 })).not.toMatch(/again/);
  });
});

import { describe, expect, it } from 'vitest';
import { paceOf, tellPace } from '../../../../src/sensor/normal/pace.js';

const level = { kind: 'level', rowSamples: 1 } as const;
const wishes = { learnSeconds: null, falseAlarmsPerDay: null, maxAlarmSeconds: 86_400 };
const pace = (rowSeconds: number, asked: number | null = null) =>
  paceOf(1 / rowSeconds, level, { ...wishes, falseAlarmsPerDay: asked });

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
    expect(tellPace(pace(300), null, null)).toMatch(
      /one false alarm in 4\.3 d, in 17 d where a course is believed$/,
    );
    expect(tellPace(pace(1), null, null)).toMatch(/one false alarm in 72 min$/);
  });

  it('tells the rate it can keep where another was asked for', () => {
    expect(pace(3600, 20).refusedPerDay).toBe(20);
    expect(pace(3600, 20).falseAlarmsPerDay).toBeCloseTo(24 / 200);
    expect(tellPace(pace(3600, 20), null, null)).toMatch(/20 a day asked for; this pace can keep to 0\.12/);
    expect(pace(1, 5)).toMatchObject({ refusedPerDay: null, falseAlarmsPerDay: 5 });
  });

  it('says how long it learns and how soon it finds', () => {
    expect(tellPace(pace(300), null, null)).toMatch(
      /^a row every 5 min: the first 200 rows \(17 h\) are learnt from/,
    );
    expect(tellPace(pace(300), null, null)).toMatch(/by clocks that never change \(timeZone\)/);
    expect(tellPace(pace(300), null, 'Europe/Berlin')).toMatch(/by the clocks of Europe\/Berlin/);
    expect(tellPace(pace(300), 'tank.csv', 'Europe/Berlin')).toMatch(/normal is what tank\.csv shows/);
  });
});

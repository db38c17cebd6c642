import { describe, expect, it } from 'vitest';
import type { Decision } from '../../../../src/core/cascade/stage.js';
import { AnomalyTiny } from '../../../../src/sensor/anomaly-tiny/anomaly-tiny.js';
import { MemoryAnomalyStore } from '../../../../src/sensor/normal/state.js';
import { gaussian, seeded, windowOf } from '../../../support/sensor-rows.js';
import { anomalyTinySpec } from '../../../support/stages.js';

/** What is told of one channel, row by row. */
function watched(
  values: readonly number[],
  {
    unit = '',
    name = 'level',
    rateHz = 1,
    limits = {},
    maxAlarmSeconds = 86_400,
    timeZone = null as string | null,
    startMs = undefined as number | undefined,
  } = {},
  store = new MemoryAnomalyStore(),
) {
  const tiny = new AnomalyTiny(
    { ...anomalyTinySpec, learnSeconds: null, limits, maxAlarmSeconds, timeZone },
    store,
  );
  tiny.describe({ rateHz, channels: [{ name, unit }], startMs });
  const told: { readonly row: number; readonly state: string; readonly detail: string }[] = [];
  const decisions = values.map((value, row): Decision => {
    const decision = tiny.decide({ ...windowOf([[value]], row), rateHz });
    for (let news = tiny.news(); news !== null; news = tiny.news())
      told.push({ row, state: news.state, detail: news.detail });
    return { ...decision };
  });
  const alarms = decisions.flatMap(({ kind }, row) => (kind === 'accept' ? [row] : []));
  const begun = alarms.filter((row) => decisions[row - 1]?.kind !== 'accept');
  const features = new Set(
    decisions.flatMap((decision) =>
      decision.kind === 'accept' ? (decision.contributions[0]?.feature ?? 'level') : [],
    ),
  );
  return { begun, features: [...features], told, tiny, store, decisions };
}

function noisy(rows: number, seed: number, shape: (row: number, noise: number) => number): readonly number[] {
  const random = seeded(seed);
  return Array.from({ length: rows }, (_, row) => shape(row, gaussian(random)));
}

const within = (begun: readonly number[], from: number, rows: number) =>
  begun.filter((row) => row >= from && row < from + rows);

describe('a fault that goes back', () => {
  it.each([
    ['within a row', (row: number) => (row < 1200 ? -12 : 0), 1200, 40],
    ['slowly', (row: number) => -12 * Math.max(0, Math.min(1, (1300 - row) / 100)), 1300, 40],
    ['in the main, to where the plant runs then', (row: number) => (row < 1200 ? -12 : -2), 1200, 100],
  ])('%s, is over once it goes back no further', (_, course, backRow, lateRows) => {
    const values = noisy(1500, 38, (row, noise) => 20 + (row < 1000 ? 0 : course(row)) + noise);
    const { begun, decisions } = watched(values);
    expect(within(begun, 1000, 400)).toHaveLength(1);
    const last = decisions.findLastIndex(({ kind }) => kind === 'accept');
    expect(last).toBeGreaterThan(backRow - 10);
    expect(last).toBeLessThan(backRow + lateRows);
  });
});

describe('a shift that stays', () => {
  /** Tiny's decisions and what it told, where the alarm was confirmed in row 1060 under a name. */
  function confirmed(label: string, rows: number, shape: (row: number, noise: number) => number) {
    const values = noisy(rows, 39, (row, noise) => (row < 1000 ? 20 + noise : shape(row, noise)));
    const { tiny, decisions } = watched(values.slice(0, 1060));
    tiny.confirmed(label, 60);
    const told: string[] = [];
    const kinds = values.slice(1060).map((value, i) => {
      const { kind } = tiny.decide({ ...windowOf([[value]], 1060 + i), rateHz: 1 });
      for (let news = tiny.news(); news !== null; news = tiny.news()) told.push(news.detail);
      if (kind !== 'accept') tiny.ended();
      return kind;
    });
    return { kinds: [...decisions.map(({ kind }) => kind), ...kinds], told };
  }

  it('is how the plant runs once it was learnt, after an hour in which nobody named it, and is said to be', () => {
    const { kinds, told } = confirmed('anomaly', 7000, (_, noise) => 8 + noise);
    const last = kinds.lastIndexOf('accept');
    expect(last).toBeGreaterThan(5000);
    expect(last).toBeLessThan(5400);
    expect(told.filter((detail) => /taken for normal/.test(detail))).toHaveLength(1);
  });

  it('is watched from the new level on', () => {
    const { kinds } = confirmed('anomaly', 7000, (row, noise) => (row < 6000 ? 8 : 20) + noise);
    expect(kinds[5990]).not.toBe('accept');
    expect(kinds.slice(6000, 6040)).toContain('accept');
  });

  it.each([
    ['while it has a name', 'valve', (_: number, noise: number) => 8 + noise],
    ['where the sensor is dead', 'anomaly', () => Number.NaN],
  ])('stays a fault %s', (_, label, shape) => {
    expect(confirmed(label, 6000, shape).kinds.lastIndexOf('accept')).toBe(5999);
  });
});

describe('a channel that never moved', () => {
  it('shifts when it goes elsewhere, and is not noisy for it', () => {
    const { begun, features } = watched(Array.from({ length: 2000 }, (_, row) => (row < 1000 ? 5 : 5.5)));
    expect(within(begun, 1000, 20)).toHaveLength(1);
    expect(features).toEqual(['level']);
  });
});

describe('what is plainly wrong with a channel', () => {
  it.each([
    ['silent', (_: number, noise: number) => (noise > 9 ? 0 : Number.NaN)],
    ['stuck', () => 20.5],
    ['repeats itself', (row: number) => 20 + Math.fround(Math.sin((row % 25) ** 2))],
    ['noise grown', (_: number, noise: number) => 20 + 10 * noise],
  ])('is told within 120 rows, by its name: %s', (name, wrong) => {
    const values = noisy(1400, 31, (row, noise) => (row < 1000 ? 20 + noise : wrong(row, noise)));
    const { begun, features } = watched(values);
    expect(within(begun, 1000, 120)).not.toEqual([]);
    expect(features).toContain(name);
  });

  it('is a value that its unit, or the limits that somebody set, do not allow, in its first row', () => {
    const damp = noisy(900, 32, (row, noise) => (row === 800 ? 104 : 60 + noise));
    const found = watched(damp, { unit: '%RH' });
    expect(found.begun).toContain(800);
    expect(found.features).toContain('impossible value');
    const cold = noisy(900, 33, (row, noise) => (row === 800 ? 9 : 5 + 0.9 * noise));
    const limited = watched(cold, { limits: { level: [1, 8.5] } });
    expect(limited.begun).toContain(800);
    expect(watched(cold, { limits: { temp: [1, 8] } }).told[0]?.detail).toBe(
      'limits: no channel temp, but level',
    );
  });

  it('is told of a sensor that falls silent in the midst of a fault, and the fault is not over then', () => {
    const values = noisy(1200, 39, (row, noise) => (row < 1000 ? 20 : row < 1060 ? 12 : Number.NaN) + noise);
    const { begun, features, decisions } = watched(values);
    expect(within(begun, 1000, 200)).toHaveLength(1);
    expect(features).toContain('silent');
    expect(decisions.at(-1)?.kind).toBe('accept');
  });

  it('is told as health where it may be a machine that rests: noise that is gone', () => {
    const values = noisy(1400, 34, (row, noise) => 20 + (row >= 1000 && row < 1200 ? 0.01 : 1) * noise);
    const { told } = watched(values);
    expect(told.map(({ state }) => state)).toEqual(['degraded', 'ok']);
    expect(told[0]?.detail).toMatch(/^level: its noise is gone/);
    expect(told[0]?.row).toBeGreaterThanOrEqual(1000);
    expect(told[0]?.row).toBeLessThan(1120);
    expect(told[1]?.row).toBeGreaterThanOrEqual(1200);
  });

  it('is not a channel of few values that come again and again, nor a cycle that was learnt', () => {
    const cycle = noisy(12_000, 35, (row) => Math.round(10 * Math.sin((row * 2 * Math.PI) / 40)));
    expect(watched(cycle).begun).toEqual([]);
    const coarse = noisy(3000, 36, (_, noise) => Math.round(noise));
    expect(watched(coarse).features).not.toContain('repeats itself');
  });
});

describe('a level that drifts slowly', () => {
  it('is told as drift, with its slope and when it reaches its limit, long before it does', () => {
    const values = noisy(
      12_000,
      41,
      (row, noise) => 4 + 0.2 * noise + Math.max(0, row - 3000) * (3 / 14_400),
    );
    const { told } = watched(values, { unit: '°C', name: 'cooler', limits: { cooler: [1, 8] } });
    expect(told[0]).toMatchObject({ state: 'degraded' });
    const [, slope, limit, left] =
      /cooler drifts: it rises by ([\d.]+) °C an hour.* reaches (\d+) °C in about ([\d.]+) h$/.exec(
        told[0]?.detail ?? '',
      ) ?? [];
    expect(Number(slope)).toBeGreaterThan(0.6);
    expect(Number(slope)).toBeLessThan(0.9);
    expect(limit).toBe('8');
    expect(Number(left)).toBeGreaterThan(3);
  });

  it('is none where a level wanders, or goes round with the day', () => {
    let level = 0;
    const walk = noisy(40_000, 42, (_, noise) => {
      level += 0.1 * noise;
      return level;
    });
    expect(watched(walk).told.filter(({ detail }) => detail.includes('drifts'))).toEqual([]);
    const days = noisy(
      288 * 20,
      43,
      (row, noise) => 20 + 5 * Math.sin((row / 288) * 2 * Math.PI) + 0.3 * noise,
    );
    expect(watched(days, { rateHz: 1 / 300 }).told).toEqual([]);
  });

  it('goes on being seen after a restart', () => {
    const drifting = (row: number, noise: number) => 20 + noise + (row / 288) * 0.5;
    const values = noisy(288 * 30, 44, drifting);
    const first = watched(values.slice(0, 288 * 9), { rateHz: 1 / 300 });
    first.tiny.dispose();
    const second = watched(values.slice(288 * 9, 288 * 15), { rateHz: 1 / 300 }, first.store);
    const told = second.told.filter(({ detail }) => detail.includes('drifts'));
    expect(told[0]?.detail).toMatch(/rises by 0\.[45]\d* a day, seen over 12 d/);
  });
});

describe('a channel that is no level', () => {
  it('is a counter where it is a total that only rises: what it rises by is watched, a new beginning is none', () => {
    let total = 4711;
    const values = noisy(3000, 51, (row, noise) => {
      if (row === 1500) total = 0;
      const use = 2 + 0.2 * noise + (row >= 2500 ? 2 : 0);
      total += Math.max(0, use);
      return total;
    });
    const { begun } = watched(values, { unit: 'kWh', name: 'energy' });
    expect(begun.filter((row) => row < 2500)).toEqual([]);
    expect(within(begun, 2500, 20)).toHaveLength(1);
  });

  it('is a counter too where it stood still while it was learnt', () => {
    let total = 100;
    const values = noisy(9000, 52, (row, noise) => {
      if (row >= 800) total += Math.max(0, 2 + 0.2 * noise);
      return total;
    });
    const { begun, tiny, store } = watched(values, { unit: 'm³', name: 'water', maxAlarmSeconds: 1 });
    expect(begun.filter((row) => row >= 3000)).toEqual([]);
    tiny.dispose();
    expect(store.load()?.normal.channels[0]?.kind).toBe('counter');
  });

  it('is a truth where it is 0 or 1: it may switch as it did, and is told where it stays or flutters', () => {
    const switching = (row: number) => (row % 60 < 20 ? 1 : 0);
    expect(watched(noisy(4000, 53, switching)).begun).toEqual([]);
    const stays = watched(noisy(3000, 54, (row) => (row < 2000 ? switching(row) : 1)));
    expect(within(stays.begun, 2000, 1000)).not.toEqual([]);
    const flutters = watched(noisy(3000, 55, (row) => (row < 2000 ? switching(row) : row % 2)));
    expect(within(flutters.begun, 2000, 120)).not.toEqual([]);
  });

  it('is a category where it is called a mode or a state: a state that never was is an event once, and learnt if it lasts', () => {
    const modes = [1, 2, 5];
    const values = noisy(20_000, 56, (row) =>
      row >= 6000 && row < 14_000 ? 7 : (modes[Math.floor(row / 40) % 3] as number),
    );
    const known = [...values, ...noisy(400, 57, () => 7)];
    const { begun, features } = watched(known, { name: 'mode', maxAlarmSeconds: 3600 });
    expect(begun).toEqual([6000]);
    expect(features).toContain('state never seen');
  });
});

describe('a channel that begins late', () => {
  it('is told of once the others are learnt, and when it begins, and is watched from then on', () => {
    const values = noisy(2500, 5, (row, noise) =>
      row < 1200 ? Number.NaN : (row < 2300 ? 5 : 9) + 0.1 * noise,
    );
    const { told, begun } = watched(values);
    expect(told).toEqual([
      {
        row: 600,
        state: 'degraded',
        detail: 'no value came yet of level; watched from its first value on',
      },
      { row: 1200, state: 'ok', detail: 'level has begun, and is watched' },
    ]);
    expect(within(begun, 0, 2300)).toEqual([]);
    expect(within(begun, 2300, 10)).toHaveLength(1);
  });
});

describe('what people use in a house, by day and week, in a row an hour', () => {
  const HOUR_MS = 3_600_000;
  const DAYS = 150;
  const bump = (hour: number, at: number, width: number) => Math.exp(-(((hour - at) / width) ** 2));

  /** Kilowatts at an hour of a day of the week; 0 is Monday. */
  function load(day: number, hour: number): number {
    if (day < 5) return 40 + 60 * bump(hour, 8, 2) + 45 * bump(hour, 18, 3);
    if (day === 5) return 40 + 30 * bump(hour, 11, 3) + 35 * bump(hour, 19, 3);
    return 38 + 18 * bump(hour, 12, 3) + 20 * bump(hour, 20, 3);
  }

  /** What is used from a Monday on, where `localRow` says what clocks show, and these days are as Sundays. */
  function used(localRow: (row: number) => number, holidays: readonly number[] = []): readonly number[] {
    let wander = 0;
    return noisy(24 * DAYS, 7, (row, noise) => {
      const at = localRow(row);
      const day = Math.floor(at / 24);
      wander = 0.7 * wander + 2 * noise;
      return load(holidays.includes(day) ? 6 : day % 7, at % 24) + wander;
    });
  }

  it('may have holidays: one is an event once at most, and the days around them are as ever', () => {
    const holidays = [81, 84, 114, 122, 133];
    const { begun } = watched(
      used((row) => row, holidays),
      { rateHz: 1 / 3600 },
    );
    const days = begun.map((row) => Math.floor(row / 24));
    expect(days.filter((day) => !holidays.includes(day)).length).toBeLessThanOrEqual(1);
    expect(new Set(days).size).toBe(days.length);
  });

  it.each([
    ['are put forward', '2024-01-08', 1],
    ['are put forward, where the zone is said', '2024-01-08', 1, 'Europe/Berlin'],
    ['are put back', '2024-08-05', -1],
    ['are put back, where the zone is said', '2024-08-05', -1, 'Europe/Berlin'],
  ])('goes on as before when clocks %s', (_, monday, step, timeZone: string | null = null) => {
    const change = Date.parse(step > 0 ? '2024-03-31T01:00Z' : '2024-10-27T01:00Z');
    // Midnight of that Monday in Berlin.
    const startMs = Date.parse(`${monday}T00:00Z`) - (step > 0 ? 1 : 2) * HOUR_MS;
    const changeRow = (change - startMs) / HOUR_MS;
    const values = used((row) => row + (row < changeRow ? 0 : step));
    const { begun } = watched(values, { rateHz: 1 / 3600, startMs, timeZone });
    // Where the zone is said nothing changes for the course; else it learns the new hour within days.
    expect(within(begun, changeRow, 24 * 14).length).toBeLessThanOrEqual(timeZone === null ? 3 : 0);
    expect(begun.length).toBeLessThanOrEqual(timeZone === null ? 3 : 1);
  });
});

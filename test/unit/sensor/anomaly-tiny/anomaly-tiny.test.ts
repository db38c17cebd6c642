import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Decision, Stage } from '../../../../src/core/cascade/stage.js';
import { CatnapError } from '../../../../src/core/errors.js';
import { AnomalyHeavy } from '../../../../src/sensor/anomaly-heavy/anomaly-heavy.js';
import { AnomalyTiny } from '../../../../src/sensor/anomaly-tiny/anomaly-tiny.js';
import { type FaultStore, MemoryFaultStore } from '../../../../src/sensor/normal/faults.js';
import { type AnomalyState, MemoryAnomalyStore } from '../../../../src/sensor/normal/state.js';
import { FileAnomalyStore } from '../../../../src/sensor/normal/state-file.js';
import {
  gaussian,
  type PumpFault,
  pumpChannels,
  pumpRows,
  seeded,
  windowOf,
} from '../../../support/sensor-rows.js';
import { anomalyHeavySpec, anomalyTinySpec } from '../../../support/stages.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const never = new AbortController().signal;
const perDay = 20;
const tinySpec = { ...anomalyTinySpec, learnSeconds: 400 };
const format = { rateHz: 1, channels: pumpChannels };
const valveCloses: PumpFault = { fromRow: 700, toRow: 900, shift: [-3, 0.4, 0] };

function watch(stage: Stage, rows: readonly (readonly number[])[]): Decision[] {
  // Copied, for a calm stage answers with the same object every time.
  return rows.map((row, i) => ({ ...(stage.decide(windowOf([row], i), never) as Decision) }));
}

function alarms(decisions: readonly Decision[]): number[] {
  return decisions.flatMap(({ kind }, row) => (kind === 'accept' ? [row] : []));
}

function newTiny(store = new MemoryAnomalyStore(), spec = tinySpec): AnomalyTiny {
  const tiny = new AnomalyTiny(spec, store);
  tiny.describe(format);
  return tiny;
}

describe('the tiny anomaly stage', () => {
  it('says that it learns, then watches', () => {
    const decisions = watch(newTiny(), pumpRows(402, 1));
    expect(decisions[398]).toMatchObject({ kind: 'reject', label: 'learning', confidence: 0 });
    expect(decisions[401]).toMatchObject({ kind: 'reject', label: 'anomaly' });
  });

  it('alarms on noise at most twice as often as stated at first, and on the whole as often', () => {
    const series = 40;
    const learnRows = 600;
    // In which one false alarm is stated.
    const statedRows = 86_400 / perDay;
    const begun = Array.from({ length: series }, (_, seed) => {
      const random = seeded(1000 + seed);
      const tiny = new AnomalyTiny(anomalyTinySpec, new MemoryAnomalyStore());
      tiny.describe({ rateHz: 1, channels: [{ name: 'level', unit: '' }] });
      const rows = Array.from({ length: learnRows + 3 * statedRows }, () => [20 + gaussian(random)]);
      const isAlarm = watch(tiny, rows).map(({ kind }) => kind !== 'reject');
      return isAlarm.flatMap((is, row) => (is && !isAlarm[row - 1] ? [row - learnRows] : []));
    }).flat();
    const first = begun.filter((row) => row < statedRows).length / series;
    expect([first > 1, first < 2]).toEqual([true, true]);
    const all = begun.length / (3 * series);
    expect([all > 0.5, all < 1.5]).toEqual([true, true]);
  });

  it('keeps to the stated rate of false alarms however short it learnt', () => {
    let begun = 0;
    let days = 0;
    for (let seed = 100; seed < 110; seed++) {
      const decisions = watch(newTiny(), pumpRows(20_000, seed));
      begun += alarms(decisions).filter((row) => decisions[row - 1]?.kind !== 'accept').length;
      days += (20_000 - 400) / 86_400;
    }
    expect(begun / days).toBeLessThan(2 * perDay);
  });

  it('finds a step after a minute of learning, where so little is asked for', () => {
    const fault: PumpFault = { fromRow: 80, toRow: 120, shift: [-12, 0, 0] };
    const [first] = alarms(
      watch(newTiny(undefined, { ...tinySpec, learnSeconds: 60 }), pumpRows(120, 3, [fault])),
    );
    expect(first).toBeGreaterThanOrEqual(80);
    expect(first).toBeLessThan(90);
  });

  it.each([100, 700])(
    'watches a channel that begins in row %i from then on, and raises no alarm for that',
    (late) => {
      const fault: PumpFault = { fromRow: 1500, toRow: 1600, shift: [-3, 0, 0] };
      const rows = pumpRows(1600, 11, [fault]).map((row, i) =>
        i < late ? [Number.NaN, ...row.slice(1)] : row,
      );
      const [first] = alarms(watch(newTiny(), rows));
      expect(first).toBeGreaterThanOrEqual(1500);
      expect(first).toBeLessThan(1515);
    },
  );

  it('does not call a channel silent that never spoke', () => {
    const rows = pumpRows(6000, 4).map((row) => [...row.slice(0, 2), Number.NaN]);
    // Ten times as long as it was missing while it was learnt.
    expect(alarms(watch(newTiny(), rows)).filter((row) => row >= 4000)).toEqual([]);
  });

  it('keeps to it, and finds a flutter that no mean shows, where rows are of several samples', () => {
    const spec = { ...tinySpec, rowSeconds: 8, learnSeconds: 3200 };
    const samples = 60_000;
    let begun = 0;
    for (let seed = 200; seed < 205; seed++) {
      const decisions = watch(newTiny(undefined, spec), pumpRows(samples, seed));
      const began = alarms(decisions).filter((row) => decisions[row - 1]?.kind !== 'accept');
      begun += began.length;
    }
    expect(begun / ((5 * (samples - 3200)) / 86_400)).toBeLessThan(2 * perDay);
    const flutter = pumpRows(8000, 206).map(([flow = 0, ...others], i) => [
      i < 6000 ? flow : flow + (i % 2 === 0 ? 2 : -2),
      ...others,
    ]);
    const [first, ...rest] = alarms(watch(newTiny(undefined, spec), flutter));
    expect(first).toBeGreaterThanOrEqual(6000);
    expect(first).toBeLessThan(6080);
    expect(rest.length).toBeGreaterThan(1800);
  });

  it('takes no alarm from a change that was already there while it learnt', () => {
    const moved = { fromRow: 385, toRow: 1000, shift: [-1.5, 0, 0] } as const;
    const fault = { fromRow: 800, toRow: 900, shift: [-3, 0, 0] } as const;
    const rows = alarms(watch(newTiny(), pumpRows(1000, 25, [moved, fault])));
    expect(rows[0]).toBeGreaterThanOrEqual(800);
    expect(rows[0]).toBeLessThan(815);
  });

  it('accepts from the first rows of a fault to its end, and not after it', () => {
    const rows = alarms(watch(newTiny(), pumpRows(1500, 3, [valveCloses])));
    expect(rows[0]).toBeGreaterThanOrEqual(700);
    expect(rows[0]).toBeLessThan(710);
    expect(rows.at(-1)).toBeGreaterThan(890);
    expect(rows.at(-1)).toBeLessThan(940);
    expect(rows.length).toBe((rows.at(-1) ?? 0) - (rows[0] ?? 0) + 1);
  });

  it('names the channels that explain it, largest first, with shares that sum to 1', () => {
    const decision = watch(newTiny(), pumpRows(760, 4, [valveCloses])).at(-1);
    if (decision?.kind !== 'accept') throw new Error('no alarm');
    const names = decision.contributions.map(({ channel }) => channel);
    expect(new Set(names.slice(0, 2))).toEqual(new Set(['flow', 'pressure']));
    expect(decision.contributions.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it('finds a sensor that is stuck, and one that fell silent', () => {
    const stuck = pumpRows(700, 5).map((row, i) => (i < 500 ? row : [31.7, ...row.slice(1)]));
    const silent = pumpRows(700, 6).map((row, i) => (i < 500 ? row : [row[0] ?? 0, Number.NaN, row[2] ?? 0]));
    expect(alarms(watch(newTiny(), stuck))[0]).toBeLessThan(550);
    const found = watch(newTiny(), silent).at(-1);
    expect(found).toMatchObject({ kind: 'accept' });
    expect(found?.kind === 'accept' && found.contributions[0]?.channel).toBe('pressure');
  });

  it('finds a sensor again that was stuck before and came back', () => {
    const isStuck = (row: number) => (row >= 500 && row < 640) || row >= 1500;
    const rows = pumpRows(1700, 5).map((row, i) => (isStuck(i) ? [31.7, ...row.slice(1)] : row));
    const again = alarms(watch(newTiny(), rows)).filter((row) => row >= 1500);
    expect(again[0]).toBeLessThan(1620);
  });

  it.each([
    ['learns what lasts and nobody has called a fault', 'anomaly', 1000],
    ['learns nothing of a fault that somebody has named', 'valve', 800],
  ])('%s', async (_, label, learntRows) => {
    const store = new MemoryAnomalyStore();
    const tiny = new AnomalyTiny({ ...tinySpec, learnSeconds: 60_000 }, store);
    tiny.describe({ ...format, rateHz: 1 / 300 });
    const rows = pumpRows(1200, 3, [{ fromRow: 820, toRow: 1010, shift: [-3, 0.4, 0] }]);
    watch(tiny, rows.slice(0, 840));
    tiny.confirmed(label, 20);
    for (const [i, row] of rows.slice(840).entries()) tiny.decide(windowOf([row], 840 + i));
    await tiny.dispose();
    expect(store.load()?.normal.learntRows).toBe(learntRows);
  });

  it('takes single missing values and infinities without an alarm', () => {
    const rows = pumpRows(2000, 7).map((row, i) =>
      row.map((value, c) =>
        (i * 3 + c) % 11 === 0 ? Number.NaN : i % 501 === 500 ? Number.POSITIVE_INFINITY : value,
      ),
    );
    // Ten times as long as it was missing while it was learnt.
    expect(alarms(watch(newTiny(), rows)).filter((row) => row >= 4000)).toEqual([]);
  });

  it('bears every fifth value missing, and still finds a fault', () => {
    const random = seeded(5);
    const rows = pumpRows(1500, 7, [valveCloses]).map((row) =>
      row.map((value) => (random() < 0.2 ? Number.NaN : value)),
    );
    const found = alarms(watch(newTiny(), rows));
    expect(found[0]).toBeGreaterThanOrEqual(700);
    expect(found[0]).toBeLessThan(715);
    expect(found.at(-1)).toBeLessThan(950);
  });

  it('follows a channel that drifts by many times its noise over hours', () => {
    // Eight standard deviations of the flow in five hours, as a filter that clogs.
    const rows = pumpRows(20_000, 8).map(([flow = 0, ...others], row) => [flow - row * 0.0002, ...others]);
    const decisions = watch(newTiny(), rows);
    const begun = alarms(decisions).filter((row) => decisions[row - 1]?.kind !== 'accept').length;
    expect(begun).toBeLessThan((2 * perDay * 20_000) / 86_400);
  });

  it('abstains when the number of channels is not what it was told', () => {
    expect(newTiny().decide(windowOf([[1, 2]]))).toMatchObject({
      kind: 'abstain',
      code: 'SOURCE_FORMAT',
    });
  });
});

describe('a restart', () => {
  const DAY_ROWS = 288;
  const rowMs = 300_000;
  const startMs = Date.UTC(2026, 5, 1);
  const spec = { ...tinySpec, learnSeconds: 60_000 };

  /** A room that is five degrees warmer by day. */
  function room(from: number, count: number): number[][] {
    const random = seeded(from + 1);
    return Array.from({ length: count }, (_, i) => [
      20 - 5 * Math.cos((2 * Math.PI * (from + i)) / DAY_ROWS) + 0.2 * random(),
    ]);
  }

  async function watchedFrom(row: number, rows: number[][], path: string, isTimeKnown = true) {
    const tiny = new AnomalyTiny(spec, new FileAnomalyStore(path));
    const began = isTimeKnown ? { startMs: startMs + row * rowMs } : {};
    tiny.describe({ rateHz: 1000 / rowMs, channels: [{ name: 'room', unit: '°C' }], ...began });
    const found = watch(tiny, rows);
    const told = tiny.news()?.detail ?? '';
    await tiny.dispose();
    return { found, told, state: new FileAnomalyStore(path).load() };
  }

  it('forgets nothing that was learnt: the course of the day counts at once, at the hour that it is', async () => {
    const path = join(temporaryFolder(), 'room.json');
    await watchedFrom(0, room(0, 8 * DAY_ROWS), path);
    // Seven hours later, at eight in the morning of another day.
    const from = 8 * DAY_ROWS + 96;
    const { found, state } = await watchedFrom(from, room(from, 200), path);
    expect(state?.seasons[0]).toMatchObject({ course: 'day', rows: 8 * DAY_ROWS + 200 });
    expect(alarms(found)).toEqual([]);
    const odd = room(from + 200, 60).map(([value = 0], i) => [i < 30 ? value : value + 3]);
    expect(alarms((await watchedFrom(from + 200, odd, path)).found)[0]).toBeLessThan(40);
  });

  it('learns courses anew where nobody knows what time it is, and says so', async () => {
    const path = join(temporaryFolder(), 'room.json');
    await watchedFrom(0, room(0, 8 * DAY_ROWS), path);
    const { told, state } = await watchedFrom(8 * DAY_ROWS, room(8 * DAY_ROWS, 100), path, false);
    expect(told).toMatch(/courses of day and week are learnt anew/);
    expect(state?.seasons[0]?.course).toBeNull();
  });
});

describe('the heavy anomaly stage', () => {
  const learnt = () => {
    const store = new MemoryAnomalyStore();
    watch(newTiny(store), pumpRows(400, 8));
    return new AnomalyHeavy(anomalyHeavySpec, store, new MemoryFaultStore());
  };

  it('confirms a fault and places its beginning', () => {
    const rows = pumpRows(1000, 9, [valveCloses]).slice(500, 730);
    const decision = learnt().decide(windowOf(rows, 500));
    if (decision.kind !== 'accept') throw new Error('not confirmed');
    expect(decision.startSample).toBeGreaterThanOrEqual(695);
    expect(decision.startSample).toBeLessThanOrEqual(705);
  });

  it('explains it by the channels that it knows where another has begun that is not learnt yet', () => {
    const store = new MemoryAnomalyStore();
    watch(
      newTiny(store),
      pumpRows(400, 9).map(([flow = 0, pressure = 0]) => [flow, pressure, Number.NaN]),
    );
    const heavy = new AnomalyHeavy(anomalyHeavySpec, store, new MemoryFaultStore());
    const decision = heavy.decide(windowOf(pumpRows(1000, 9, [valveCloses]).slice(500, 730), 500));
    if (decision.kind !== 'accept') throw new Error('not confirmed');
    expect(decision.contributions.map(({ channel }) => channel)).not.toContain('temperature');
    expect(decision.startSample).toBeGreaterThanOrEqual(695);
    expect(decision.startSample).toBeLessThanOrEqual(705);
  });

  it('refuses a window in which nothing changed', () => {
    for (let seed = 10; seed < 20; seed++) {
      expect(learnt().decide(windowOf(pumpRows(230, seed)))).toMatchObject({ kind: 'reject' });
    }
  });

  it('abstains while nothing was learnt', () => {
    const heavy = new AnomalyHeavy(anomalyHeavySpec, new MemoryAnomalyStore(), new MemoryFaultStore());
    expect(heavy.decide(windowOf(pumpRows(300, 1)))).toMatchObject({ code: 'STAGE_UNAVAILABLE' });
  });
});

describe('a disk that takes nothing', () => {
  const full = new CatnapError('STORE_FULL', 'scripted');

  class FullStore extends MemoryAnomalyStore {
    isFull = true;
    asked = 0;

    override save(state: AnomalyState): void {
      this.asked++;
      if (this.isFull) throw full;
      super.save(state);
    }
  }

  it('row 24: ends no watching, and is asked again until it takes what was learnt', () => {
    const store = new FullStore();
    const tiny = newTiny(store);
    const rows = alarms(watch(tiny, pumpRows(1200, 5, [valveCloses])));
    expect(rows[0]).toBeGreaterThanOrEqual(700);
    expect(rows[0]).toBeLessThan(710);
    expect(store.asked).toBeGreaterThan(1);
    expect(store.asked).toBeLessThan(20);
    expect(store.load()).toBeNull();
    store.isFull = false;
    watch(tiny, pumpRows(100, 6));
    expect(store.load()?.normal.baseline).toHaveLength(pumpChannels.length);
  });

  it('row 24: keeps no fault from being confirmed, and is given it with the next', () => {
    const learnt = new MemoryAnomalyStore();
    watch(newTiny(learnt), pumpRows(400, 8));
    const kept = new MemoryFaultStore();
    let isFull = true;
    const faults: FaultStore = {
      load: () => kept.load(),
      save: (memory) => {
        if (isFull) throw full;
        kept.save(memory);
      },
    };
    const heavy = new AnomalyHeavy(anomalyHeavySpec, learnt, faults);
    const fault = (seed: number, at: number) =>
      heavy.decide(windowOf(pumpRows(1000, seed, [valveCloses]).slice(500, 730), at));
    expect(fault(9, 500).kind).toBe('accept');
    expect(kept.load()).toBeNull();
    isFull = false;
    expect(fault(10, 5000).kind).toBe('accept');
    expect(kept.load()?.recent).toHaveLength(2);
  });
});

describe('what was learnt', () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder, 'pump.json');
  });

  it('survives a restart: the next run watches from its first row', async () => {
    const before = new AnomalyTiny(tinySpec, new FileAnomalyStore(path));
    before.describe(format);
    watch(before, pumpRows(600, 21));
    await before.dispose();
    const after = new AnomalyTiny(tinySpec, new FileAnomalyStore(path));
    after.describe(format);
    const rows = alarms(watch(after, pumpRows(300, 22, [{ ...valveCloses, fromRow: 100, toRow: 200 }])));
    expect(rows[0]).toBeGreaterThanOrEqual(100);
    expect(rows[0]).toBeLessThan(110);
  });

  it('is refused, naming both, when a unit or the channels changed', () => {
    watch(newTinyAt(path), pumpRows(400, 23));
    const tiny = new AnomalyTiny(tinySpec, new FileAnomalyStore(path));
    const [flow, ...others] = pumpChannels;
    const changed = { rateHz: 1, channels: [{ name: flow?.name ?? '', unit: 'm3/h' }, ...others] };
    expect(() => tiny.describe(changed)).toThrow(/flow \(L\/min\).*flow \(m3\/h\).*learn anew/);
    expect(() => tiny.describe({ rateHz: 1, channels: others })).toThrow(
      /STATE_INVALID|learnt from channels/,
    );
  });

  it('is refused when the file is damaged or of another version, and never half read', () => {
    watch(newTinyAt(path), pumpRows(400, 24));
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.slice(0, text.length / 2));
    expect(() => newTinyAt(path)).toThrow(/expected JSON/);
    writeFileSync(path, text.replace('"version":5', '"version":4'));
    expect(() => newTinyAt(path)).toThrow(/expected version 5, found 4/);
    writeFileSync(path, text.replace('"noiseVariance"', '"noise"'));
    expect(() => newTinyAt(path)).toThrow(/learn anew/);
  });

  function newTinyAt(where: string): AnomalyTiny {
    const tiny = new AnomalyTiny(tinySpec, new FileAnomalyStore(where));
    tiny.describe(format);
    return tiny;
  }
});

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AnomalyTiny } from '../../../src/sensor/anomaly-tiny/anomaly-tiny.js';
import { LearntStates, parseLearnt } from '../../../src/sensor/learnt.js';
import type { SeasonsState } from '../../../src/sensor/normal/seasons.js';
import { FileAnomalyStore } from '../../../src/sensor/normal/state-file.js';
import { anomalyStatePath } from '../../../src/sensor/normal/state-path.js';
import { normalOf, normalPicture } from '../../../src/sensor/picture/normal-picture.js';
import { gaussian, pumpChannels, pumpRows, seeded, windowOf } from '../../support/sensor-rows.js';
import { anomalyTinySpec } from '../../support/stages.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const startMs = Date.UTC(2026, 5, 1);
const spec = { ...anomalyTinySpec, learnSeconds: 400 };

/** A device that has watched so many rows of the pump. */
function device(stateDir: string, rows: number): { readonly tiny: AnomalyTiny; push(rows: number): void } {
  const tiny = new AnomalyTiny(spec, new FileAnomalyStore(anomalyStatePath(stateDir, 'pump')));
  tiny.describe({ rateHz: 1, channels: pumpChannels, startMs });
  const all = pumpRows(5000, 12);
  let at = 0;
  const push = (count: number): void => {
    for (const end = at + count; at < end; at++) tiny.decide(windowOf([all[at] as number[]], at));
  };
  push(rows);
  return { tiny, push };
}

async function exported(): Promise<string> {
  const stateDir = temporaryFolder();
  await device(stateDir, 500).tiny.dispose();
  return JSON.stringify(new LearntStates(stateDir).export('pump'));
}

describe('what was learnt', () => {
  it('is carried to a twin, which watches from its first row on', async () => {
    const { state } = parseLearnt(await exported(), 'pump.json');
    const stateDir = temporaryFolder();
    new LearntStates(stateDir).takeOver('pump', state, 'pump.json', 'ada');
    const { tiny } = device(stateDir, 2);
    expect(tiny.learningMs()).toBe(0);
    expect(tiny.news()?.detail).toBe('goes by what was learnt elsewhere from now on, as ada asked');
    expect(new LearntStates(stateDir).read('pump').normal.learntRows).toBe(400);
  });

  it('is taken over by a device that runs', async () => {
    const { state } = parseLearnt(await exported(), 'pump.json');
    const stateDir = temporaryFolder();
    const { tiny, push } = device(stateDir, 100);
    expect(tiny.learningMs()).toBeGreaterThan(0);
    new LearntStates(stateDir).takeOver('pump', state, 'pump.json', 'ada');
    push(2);
    expect(tiny.learningMs()).toBe(0);
  });

  it('is refused where it is of another signal, another version or no such file', async () => {
    const text = await exported();
    const stateDir = temporaryFolder();
    await device(stateDir, 500).tiny.dispose();
    const { state } = parseLearnt(text, 'pump.json');
    const faster = { ...state, shape: { ...state.shape, rateHz: 2 } };
    const states = new LearntStates(stateDir);
    expect(() => states.takeOver('pump', faster, 'pump.json', 'ada')).toThrow(
      /pump\.json: .*learnt from rate 2 Hz, the signal now has 1 Hz; it is not for "pump"/,
    );
    expect(() => parseLearnt(text.replace('"version":1', '"version":9'), 'pump.json')).toThrow(
      /pump\.json: expected version 1, found 9/,
    );
    expect(() => parseLearnt('{}', 'x.json')).toThrow(/x\.json: expected a file of `catnap learn export`/);
    expect(() => states.read('tank')).toThrow(/nothing was learnt of "tank" yet/);
  });

  it('goes on as before where a device without knowledge is handed that of another signal', async () => {
    const { state } = parseLearnt(await exported(), 'pump.json');
    const stateDir = temporaryFolder();
    const other = { ...state, shape: { ...state.shape, rateHz: 2 } };
    new LearntStates(stateDir).takeOver('pump', other, 'pump.json', 'ada');
    const { tiny } = device(stateDir, 2);
    expect(tiny.news()?.detail).toMatch(/^goes on as before, not by what ada brought: .*rate 2 Hz/);
    expect(tiny.learningMs()).toBeGreaterThan(0);
  });
});

describe('learning again', () => {
  it('begins with what came since a time, as far as that is remembered', () => {
    const stateDir = temporaryFolder();
    const { tiny, push } = device(stateDir, 700);
    new LearntStates(stateDir).learnAgain('pump', startMs + 600_000, 'ada');
    push(1);
    expect(tiny.news()?.detail).toBe('learns again from the last 100 rows on, as ada asked');
    expect(tiny.learningMs()).toBe(299_000);
  });

  it('waits for a time that is to come, and watches until then', () => {
    const stateDir = temporaryFolder();
    const { tiny, push } = device(stateDir, 700);
    new LearntStates(stateDir).learnAgain('pump', startMs + 800_000, 'ada');
    push(99);
    expect(tiny.learningMs()).toBe(0);
    push(2);
    expect(tiny.learningMs()).toBeGreaterThan(390_000);
  });
});

describe('the picture of what is normal', () => {
  it('says of a counter what it rises by, and of a switch its states', async () => {
    const path = join(temporaryFolder(), 'meter.json');
    const tiny = new AnomalyTiny(anomalyTinySpec, new FileAnomalyStore(path));
    tiny.describe({
      rateHz: 1,
      channels: [
        { name: 'energy', unit: 'kWh' },
        { name: 'valve', unit: '' },
      ],
    });
    const random = seeded(4);
    for (let row = 0; row < 700; row++)
      tiny.decide(windowOf([[4000 + row * 2 + gaussian(random) / 10, row % 40 < 20 ? 0 : 1]], row));
    await tiny.dispose();
    const state = new FileAnomalyStore(path).load();
    if (state === null) throw new Error('nothing was learnt');
    const [energy, valve] = normalOf(state);
    expect(energy).toMatchObject({ kind: 'counter', level: expect.closeTo(2, 1) });
    expect(valve).toMatchObject({ kind: 'category', states: [0, 1] });
    expect(normalPicture('house', state)).toContain('energy (kWh): what it rises by in a row, its level now');
  });

  it('shows by the hour what is expected of a channel with a course, and the level of one without', async () => {
    const path = join(temporaryFolder(), 'room.json');
    const tiny = new AnomalyTiny(anomalyTinySpec, new FileAnomalyStore(path));
    const channels = ['room', 'noise'].map((name) => ({ name, unit: '°C' }));
    tiny.describe({ rateHz: 1 / 300, channels, startMs });
    const random = seeded(3);
    for (let row = 0; row < 8 * 288; row++) {
      const room = 20 - 5 * Math.cos((2 * Math.PI * row) / 288) + 0.2 * gaussian(random);
      tiny.decide(windowOf([[room, 4 + gaussian(random)]], row));
    }
    await tiny.dispose();
    const state = new FileAnomalyStore(path).load();
    if (state === null) throw new Error('nothing was learnt');
    const [room, noise] = normalOf(state);
    const noon = room?.times.find(({ hour }) => Math.abs(hour - 12) < 0.2);
    expect([room?.course, noise?.course]).toEqual(['day', null]);
    expect(noon?.expected).toBeCloseTo(25, 0);
    const svg = normalPicture('house & home', state);
    expect(svg).toContain('What is normal for house &amp; home');
    expect(svg).toContain('room (°C): by the hour of the day, by the clocks of UTC');
    expect(svg).not.toContain('NaN');
    // Of a week, which is counted from the Thursday of the epoch, Monday comes first.
    const [first] = state.seasons;
    const hours = Array.from({ length: 168 }, (_, hour) => hour);
    const week = {
      error: 0,
      judged: 0,
      level: hours,
      deviation: hours.map(() => 0),
      seen: hours.map(() => 1),
    };
    const season = { ...first, course: 'week', week } as SeasonsState;
    const [weekly] = normalOf({ ...state, seasons: [season, null] });
    expect(weekly?.times[0]).toMatchObject({ hour: 0.5, expected: 4 * 24 });
    expect(normalPicture('house', { ...state, seasons: [season, null], phases: null })).toContain('>day 7<');
  });
});

import { describe, expect, it } from 'vitest';
import { benchDead } from '../../src/bench/dead-channels.js';
import { standardConfig } from '../../src/runtime/config.js';
import type { SensorConfig } from '../../src/sensor/config.js';
import { gaussian, seeded } from '../support/sensor-rows.js';

const ROWS = 2400;
const DAY_SECONDS = 86_400;

type Value = (row: number, noise: number, before: number) => number;

/** Signals of all kinds, each with the seconds from row to row. */
const SIGNALS: readonly (readonly [name: string, rowSeconds: number, unit: string, value: Value])[] = [
  ['noise', 1, 'bar', (_, noise) => 5 + 0.1 * noise],
  ['a slow level', 1, 'L', (_, noise, before) => 0.95 * before + noise],
  ['a walk', 60, 'm', (_, noise, before) => before + noise],
  [
    'a course of the day',
    300,
    'W',
    (row, noise) => 400 + 200 * Math.sin((2 * Math.PI * 300 * row) / DAY_SECONDS) + 9 * noise,
  ],
  ['rows of an hour', 3600, 'W', (row, noise) => 400 + 200 * Math.sin((2 * Math.PI * row) / 24) + 9 * noise],
  ['coarse steps', 270, '°C', (_, noise) => 20 + 0.5 * Math.round(1.5 * noise)],
  ['two set points', 1, 'A', (row, noise) => (Math.floor(row / 40) % 2 === 0 ? 1 : 9) + 0.1 * noise],
  ['a meter', 60, 'kWh', (_, noise, before) => before + 0.2 + 0.01 * Math.abs(noise)],
  ['a switch', 1, '', (_, noise) => (noise > 0.4 ? 1 : 0)],
];

function madeSeries([name, rowSeconds, unit, value]: (typeof SIGNALS)[number], seed: number) {
  const random = seeded(seed);
  const data = new Float32Array(ROWS);
  for (let row = 0; row < ROWS; row++) data[row] = value(row, gaussian(random), data[row - 1] ?? 0);
  const timesMs = Float64Array.from(data, (_, row) => 1000 * rowSeconds * row);
  const table = { name, channels: [{ name: 'value', unit }], data, rows: ROWS, timesMs, labels: {} };
  return { table, rateHz: 1 / rowSeconds, windows: [] };
}

describe('a sensor that is dead or stuck', () => {
  it('is told within 120 rows in each of 18 tries, whatever it measures and at any pace', async () => {
    const { sensor } = standardConfig().cascades;
    const found = await benchDead(
      SIGNALS.map((signal, i) => madeSeries(signal, 500 + i)),
      sensor as SensorConfig,
    );
    expect(found).toEqual({ tries: 18, told: 18, missed: [] });
  });
});

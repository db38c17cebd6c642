import { describe, expect, it } from 'vitest';
import { AnomalyTiny } from '../../../../src/sensor/anomaly-tiny/anomaly-tiny.js';
import { MemoryAnomalyStore } from '../../../../src/sensor/normal/state.js';
import { gaussian, seeded, windowOf } from '../../../support/sensor-rows.js';
import { anomalyTinySpec } from '../../../support/stages.js';

/** Rows that a machine stays at a set point. */
const STAY_ROWS = 100;

/** Rows in alarm of a machine with set points 10 and 30, which stands at 20 for a while. */
function alarmsOf(
  rows: number,
  stands: readonly (readonly [from: number, to: number])[],
  { noise = 0.3, label = 'anomaly' } = {},
) {
  const random = seeded(71);
  const tiny = new AnomalyTiny({ ...anomalyTinySpec, learnSeconds: null }, new MemoryAnomalyStore());
  tiny.describe({ rateHz: 1, channels: [{ name: 'temp', unit: '' }] });
  const alarms: number[] = [];
  const features = new Set<string | undefined>();
  for (let row = 0; row < rows; row++) {
    const isBetween = stands.some(([from, to]) => row >= from && row < to);
    const setPoint = Math.floor(row / STAY_ROWS) % 2 === 0 ? 10 : 30;
    const value = (isBetween ? 20 : setPoint) + noise * gaussian(random);
    const decision = tiny.decide({ ...windowOf([[value]], row), rateHz: 1 });
    if (decision.kind !== 'accept') continue;
    if (alarms.at(-1) !== row - 1) tiny.confirmed(label, 8);
    alarms.push(row);
    features.add(decision.contributions[0]?.feature);
  }
  const begun = alarms.filter((row, i) => alarms[i - 1] !== row - 1);
  return { alarms, begun, features: [...features] };
}

describe('a regime between those that are known', () => {
  it.each([0.3, 2])('is one event, from when it stays there to when it leaves: noise of %d', (noise) => {
    const { alarms, begun, features } = alarmsOf(7000, [[5000, 5600]], { noise });
    expect(features).toEqual(['regime never seen']);
    expect(begun).toHaveLength(1);
    expect(begun[0]).toBeLessThan(5060);
    expect(alarms.at(-1)).toBeGreaterThan(5595);
    expect(alarms.at(-1)).toBeLessThan(5630);
  });

  it('is learnt where it lasts and nobody objects: then it is none when it comes again', () => {
    const { alarms, begun } = alarmsOf(14_000, [
      [5000, 10_000],
      [12_000, 12_600],
    ]);
    expect(begun.filter((row) => row >= 5000 && row < 10_000)).toHaveLength(1);
    expect(alarms.filter((row) => row > 9000 && row < 10_000)).toEqual([]);
    expect(alarms.filter((row) => row >= 12_000 && row < 12_600)).toEqual([]);
  });

  it('is not learnt where it has a name', () => {
    const { alarms } = alarmsOf(10_000, [[5000, 10_000]], { label: 'stuck valve' });
    expect(alarms.at(-1)).toBe(9999);
  });

  it('is none while it is only passed through', () => {
    const { alarms } = alarmsOf(
      20_000,
      Array.from({ length: 80 }, (_, i) => [3000 + 200 * i, 3010 + 200 * i] as const),
    );
    expect(alarms).toEqual([]);
  });
});

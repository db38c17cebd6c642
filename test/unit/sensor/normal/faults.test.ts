import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AnomalyHeavy } from '../../../../src/sensor/anomaly-heavy/anomaly-heavy.js';
import { AnomalyTiny } from '../../../../src/sensor/anomaly-tiny/anomaly-tiny.js';
import { forgetFault, nameFault, nameOf, renameFault } from '../../../../src/sensor/normal/faults.js';
import { MemoryAnomalyStore } from '../../../../src/sensor/normal/state.js';
import { FileFaultStore } from '../../../../src/sensor/normal/state-file.js';
import { summariseWindow } from '../../../../src/sensor/normal/summary.js';
import { pumpChannels, pumpRows, windowOf } from '../../../support/sensor-rows.js';
import { anomalyHeavySpec, anomalyTinySpec } from '../../../support/stages.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

describe('known faults', () => {
  it('are recognised again once named, also after a restart, and others are not taken for them', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'pump.faults.json');
    const normal = new MemoryAnomalyStore();
    const tiny = new AnomalyTiny({ ...anomalyTinySpec, learnSeconds: 400 }, normal);
    tiny.describe({ rateHz: 1, channels: pumpChannels });
    for (const [i, row] of pumpRows(400, 1).entries()) tiny.decide(windowOf([row], i));
    const look = (seed: number, shift: readonly [number, number, number]) => {
      const heavy = new AnomalyHeavy(anomalyHeavySpec, normal, new FileFaultStore(path));
      const rows = pumpRows(260, seed, [{ fromRow: 230, toRow: 260, shift }]);
      const decision = heavy.decide(windowOf(rows, 1000 * seed));
      return decision.kind === 'accept' ? decision.label : decision.kind;
    };
    expect(look(2, [-3, 0.4, 0])).toBe('anomaly');
    const store = new FileFaultStore(path);
    const memory = store.load();
    const named = memory === null ? null : nameFault(memory, 'valve', null);
    if (named === null) throw new Error('nothing was remembered');
    store.save(named);
    expect(look(3, [-2.4, 0.3, 0])).toBe('valve');
    expect(look(4, [3, -0.4, 0])).toBe('anomaly');
    expect(look(5, [-3, -0.4, 0])).toBe('anomaly');
    const now = () => store.load() ?? named;
    const model = normal.load()?.normal;
    if (model === undefined) throw new Error('nothing was learnt');
    // The one that was named, the one that was known by it, and the two others.
    expect(now().recent.map((fault) => nameOf(fault, now(), model))).toEqual(['valve', 'valve', null, null]);
    store.save(renameFault(now(), 'valve', 'gate') ?? named);
    expect(look(6, [-2.4, 0.3, 0])).toBe('gate');
    store.save(forgetFault(now(), 'gate') ?? named);
    expect(look(7, [-2.4, 0.3, 0])).toBe('anomaly');
    expect([renameFault(now(), 'gate', 'tap'), forgetFault(now(), 'gate')]).toEqual([null, null]);
  });
});

describe('the summary of a sensor window', () => {
  it('gives figures of the channels that explain it first, and no samples', () => {
    const rows = pumpRows(100, 6, [{ fromRow: 50, toRow: 100, shift: [-5, 0, 0] }]);
    const summary = summariseWindow(windowOf(rows, 500), {
      channels: pumpChannels,
      normals: [32, 2, 40],
      contributions: [{ channel: 'flow', share: 1 }],
      plotWidth: 10,
    });
    expect(summary.channels[0]).toMatchObject({
      name: 'flow',
      unit: 'L/min',
      share: 1,
      normal: 32,
      missing: 0,
    });
    expect(summary.channels[0]?.before).toBeGreaterThan((summary.channels[0]?.now ?? 0) + 4);
    expect(summary.channels[0]?.plot).toHaveLength(10);
    expect(JSON.stringify(summary).length).toBeLessThan(1000);
  });
});

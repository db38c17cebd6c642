import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { PowerModel } from '../../../src/core/metering/meter.js';
import { meterConfigSchema } from '../../../src/meter/config.js';
import { createPowerEstimator, watchPower } from '../../../src/meter/power-watch.js';
import { systemTime } from '../../../src/runtime/process/system-clock.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

describe('the power estimator', () => {
  it('finds idle and per-core watts of a board that is neither what was published', () => {
    const estimator = createPowerEstimator({ idleWatts: 2.25, coreWatts: 1.13 });
    let power: PowerModel | undefined;
    for (let interval = 0; interval < 60; interval++) {
      const busyCores = interval % 3 === 0 ? 0.01 : 1.5;
      power = estimator.add(3 + busyCores * 0.8, busyCores);
    }
    expect(power?.basis).toBe('measured');
    expect(power?.idleWatts).toBeCloseTo(3, 1);
    expect(power?.coreWatts).toBeCloseTo(0.8, 1);
  });

  it('never prices CPU time below nothing', () => {
    const estimator = createPowerEstimator({ idleWatts: 4.4, coreWatts: 0.86 });
    for (let interval = 0; interval < 20; interval++) {
      expect(estimator.add(1.2, 2).coreWatts).toBeGreaterThanOrEqual(0);
    }
  });
});

describe('watching a power sensor', () => {
  let rootDir: string;
  beforeEach(async () => {
    rootDir = temporaryFolder();
  });

  it('tells what it measured, and stops when told to', async () => {
    await mkdir(join(rootDir, 'class/hwmon/hwmon0'), { recursive: true });
    await writeFile(join(rootDir, 'class/hwmon/hwmon0/name'), 'ina226\n');
    await writeFile(join(rootDir, 'class/hwmon/hwmon0/power1_input'), '2000000\n');
    await writeFile(join(rootDir, 'stat'), 'cpu  100 0 100 5000 0 0 0 0 0 0\n');
    const told: PowerModel[] = [];
    const watch = await watchPower(meterConfigSchema.parse({ board: 'pi-4' }), {
      ...systemTime,
      sysRoot: rootDir,
      procRoot: rootDir,
      everyMs: 20,
      onPower: (power) => told.push(power),
    });
    expect(watch.reader?.name).toBe('ina2xx');
    await expect.poll(() => told.length).toBeGreaterThan(0);
    watch.stop();
    expect(told[0]).toEqual({ idleWatts: 2, coreWatts: 1.13, basis: 'measured' });
  });

  it('leaves a machine without a sensor to the model', async () => {
    const watch = await watchPower(meterConfigSchema.parse({}), {
      ...systemTime,
      sysRoot: rootDir,
      readPmic: () => Promise.reject(new Error('none')),
      onPower: () => {},
    });
    expect(watch.reader).toBeNull();
    watch.stop();
  });
});

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CatnapError } from '../core/errors.js';
import type { SensorConfig } from '../sensor/config.js';
import { benchDead, type DeadChannels } from './dead-channels.js';
import { type NabResult, readNab, runNab, scoreNab } from './nab.js';
import { byPace, type PaceResult } from './nab-pace.js';
import { benchRowCost, type RowCost } from './sensor-cost.js';
import { pooled, RATE_HZ, readSkab, runSkab, type SkabRates, type SkabResult } from './skab.js';

/** Pooled rates of one detector, over rows after the learnt ones. */
export interface SkabPart extends SkabRates {
  readonly files: number;
}

export interface SkabBench extends SkabPart {
  /** Files at even places in the order of their paths: hyper-parameters were chosen on these. */
  readonly tunedOn: SkabPart;
  /** The others. */
  readonly heldOut: SkabPart;
  /** All files, with the learnt rows counted as well. */
  readonly wholeFile: SkabPart;
  readonly cpuMsPer1000Rows: number;
  readonly heavyWakeupsPerHour: number;
}

export interface SensorBench {
  readonly skab: { readonly tiny: SkabBench; readonly cascade: SkabBench } | null;
  readonly nab: { readonly tiny: NabResult; readonly cascade: NabResult } | null;
  /** The same runs by the time between two rows, fastest first. */
  readonly paces: readonly PaceResult[];
  /** Channels of the same series that were made dead or stuck. */
  readonly dead: DeadChannels;
  /** What a row costs at a row a millisecond and at one a second. */
  readonly costs: readonly RowCost[];
}

export interface SensorBenchOptions {
  /** Folder with `sensors/skab`, `sensors/nab` and `sensors/nab_windows.json`, any of them. */
  readonly data: string;
  readonly config: SensorConfig;
  readonly onFile: () => void;
}

/**
 * Measures the sensor cascade of a configuration on labelled recordings, with one setting for all of them.
 * @throws CatnapError `INPUT_MISSING` when the folder has none.
 */
export async function benchSensors({ data, config, onFile }: SensorBenchOptions): Promise<SensorBench> {
  const skabFolder = join(data, 'sensors/skab');
  const { labelled, calm } = existsSync(skabFolder) ? readSkab(skabFolder) : { labelled: [], calm: [] };
  const series = readNab(join(data, 'sensors/nab'), join(data, 'sensors/nab_windows.json'));
  if (labelled.length + series.length === 0) {
    throw new CatnapError(
      'INPUT_MISSING',
      `${data}: expected recordings in sensors/skab or sensors/nab, found none`,
    );
  }
  const alone = { ...config, heavy: { ...config.heavy, enabled: false } };
  const run = async (setting: SensorConfig): Promise<SkabBench> => {
    const results: SkabResult[] = [];
    for (const table of labelled) {
      results.push(await runSkab(table, setting));
      onFile();
    }
    return summarise(results);
  };
  const runs = await runNab(series, config);
  const calmSeries = calm.map((table) => ({ table, rateHz: RATE_HZ, windows: [] }));
  const calmRuns = await runNab(calmSeries, config);
  return {
    skab: labelled.length === 0 ? null : { tiny: await run(alone), cascade: await run(config) },
    nab: bothOf(scoreNab(await runNab(series, alone)), scoreNab(runs)),
    paces: byPace([...calmRuns, ...runs], config),
    dead: await benchDead([...calmSeries, ...series], config),
    costs: [await benchRowCost(config, 0.001), await benchRowCost(config, 1)],
  };
}

function bothOf(tiny: NabResult | null, cascade: NabResult | null): SensorBench['nab'] {
  return tiny === null || cascade === null ? null : { tiny, cascade };
}

function summarise(results: readonly SkabResult[]): SkabBench {
  const part = (some: readonly SkabResult[]): SkabPart => ({
    ...pooled(some.map(({ confusion }) => confusion)),
    files: some.length,
  });
  const total = (pick: (result: SkabResult) => number) =>
    results.reduce((sum, result) => sum + pick(result), 0);
  const rows = total(({ rows }) => rows);
  return {
    ...part(results),
    tunedOn: part(results.filter((_, i) => i % 2 === 0)),
    heldOut: part(results.filter((_, i) => i % 2 === 1)),
    wholeFile: { ...pooled(results.map(({ wholeFile }) => wholeFile)), files: results.length },
    cpuMsPer1000Rows: (1000 * total(({ cpuMs }) => cpuMs)) / rows,
    // One row a second.
    heavyWakeupsPerHour: (3600 * total(({ heavyWakeups }) => heavyWakeups)) / rows,
  };
}

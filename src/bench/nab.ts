import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CatnapError } from '../core/errors.js';
import { parseJson } from '../core/json.js';
import * as z from '../core/zod.js';
import type { SensorConfig } from '../sensor/config.js';
import { type NabScore, type NabSeries, type NabWindow, nabScore, probationRows } from './nab-score.js';
import { readTable, type SensorTable } from './sensor-rows.js';
import { runTable } from './sensor-run.js';

const DAY_SECONDS = 86_400;
/** Rows of a series that are put together to one of the detector: its faults last long. */
const ROW_SAMPLES = 9;
/** Alarms per thousand rows that are tried; one is chosen for all series, as the benchmark does. */
const RATES = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 13, 17] as const;

/** A series and the windows in which its anomalies lie. */
export interface NabTable {
  readonly table: SensorTable;
  readonly rateHz: number;
  readonly windows: readonly NabWindow[];
}

export interface NabResult extends NabScore {
  /** The threshold that was chosen for all series, as the false alarms in a thousand rows it stands for. */
  readonly falseAlarmsPer1000Rows: number;
  /** The series at odd places, at the threshold that scores best on the others. */
  readonly heldOut: NabHalf;
  /** The series at even places, at that threshold. */
  readonly tunedOn: NabHalf;
  readonly series: Readonly<Record<string, Omit<NabScore, 'score'>>>;
}

/** Half of the series at one threshold. */
export interface NabHalf extends NabScore {
  readonly falseAlarmsPer1000Rows: number;
}

const windowsSchema = z.record(z.string(), z.array(z.tuple([z.string(), z.string()])));

/**
 * The series below `folder`, with their windows from `windowsFile`; empty where either is absent.
 * @throws CatnapError `SOURCE_FORMAT`.
 */
export function readNab(folder: string, windowsFile: string): readonly NabTable[] {
  if (!existsSync(folder) || !existsSync(windowsFile)) return [];
  const parsed = windowsSchema.safeParse(parseJson(readFileSync(windowsFile, 'utf8')));
  if (!parsed.success) {
    throw new CatnapError(
      'SOURCE_FORMAT',
      `${windowsFile}: expected lists of windows by file, found something else`,
    );
  }
  const byFile = Object.entries(parsed.data);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.csv'))
    .sort()
    .map((path) => {
      const table = readTable(join(folder, path), ',', []);
      const windows = byFile.find(([name]) => name === path || name.endsWith(`/${path}`))?.[1] ?? [];
      return { table, rateHz: rateOf(table), windows: windows.map((times) => rowsOf(table, times)) };
    });
}

/**
 * Runs every series at every threshold and keeps the threshold that scores best over all of them, as the benchmark's
 * own protocol does; and the one that scores best over half of them, which the other half tells the worth of.
 */
export async function benchNab(tables: readonly NabTable[], config: SensorConfig): Promise<NabResult | null> {
  if (tables.length === 0) return null;
  const runs: NabRun[] = [];
  for (const rate of RATES) runs.push({ rate, corpus: await runAt(rate, tables, config) });
  const best = bestOf(runs, () => true);
  const half = bestOf(runs, isEven);
  const series = tables.map(({ table }, i) => {
    const { score: _, ...counts } = nabScore(best.corpus.slice(i, i + 1));
    return [table.name, counts] as const;
  });
  return {
    ...scored(best, () => true),
    tunedOn: scored(half, isEven),
    heldOut: scored(half, (place) => !isEven(place)),
    series: Object.fromEntries(series),
  };
}

interface NabRun {
  readonly rate: number;
  readonly corpus: readonly NabSeries[];
}

const isEven = (place: number) => place % 2 === 0;

function scored({ rate, corpus }: NabRun, belongs: (place: number) => boolean): NabHalf {
  return { ...nabScore(corpus.filter((_, place) => belongs(place))), falseAlarmsPer1000Rows: rate };
}

function bestOf(runs: readonly NabRun[], belongs: (place: number) => boolean): NabRun {
  return runs.reduce((best, run) => (scored(run, belongs).score > scored(best, belongs).score ? run : best));
}

async function runAt(
  rate: number,
  tables: readonly NabTable[],
  config: SensorConfig,
): Promise<readonly NabSeries[]> {
  const corpus: NabSeries[] = [];
  for (const { table, rateHz, windows } of tables) {
    const run = await runTable(table, rateHz, {
      ...config,
      heavy: { ...config.heavy, enabled: false },
      rowSeconds: ROW_SAMPLES / rateHz,
      learnSeconds: probationRows(table.rows) / rateHz,
      falseAlarmsPerDay: (rate / 1000) * rateHz * DAY_SECONDS,
    });
    corpus.push({
      rows: table.rows,
      windows,
      // A stream's detection counts where it was made, not where it is found to have begun.
      detections: run.detections.map(({ verifiedSample }) => verifiedSample - 1),
    });
  }
  return corpus;
}

/** Rows a second, from the median distance of the times. */
function rateOf({ timesMs, rows, name }: SensorTable): number {
  const steps = Float64Array.from(
    { length: rows - 1 },
    (_, i) => (timesMs[i + 1] as number) - (timesMs[i] as number),
  ).sort();
  const step = steps[steps.length >> 1] ?? Number.NaN;
  if (!(step > 0)) throw new CatnapError('SOURCE_FORMAT', `${name}: expected times that go forward`);
  return 1000 / step;
}

function rowsOf({ timesMs }: SensorTable, [from, to]: readonly [string, string]): NabWindow {
  const fromMs = windowTimeMs(from);
  const toMs = windowTimeMs(to);
  const first = timesMs.findIndex((time) => time >= fromMs);
  return { first, last: timesMs.findLastIndex((time) => time <= toMs) };
}

function windowTimeMs(text: string): number {
  return Date.parse(`${text.trim().replace(' ', 'T')}Z`);
}

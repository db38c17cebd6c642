import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CatnapError } from '../core/errors.js';
import { parseJson } from '../core/json.js';
import * as z from '../core/zod.js';
import type { SensorConfig } from '../sensor/config.js';
import { periodsOf, Seasons } from '../sensor/normal/seasons.js';
import { sensorPace } from '../sensor/profile.js';
import { type NabScore, type NabSeries, type NabWindow, nabScore } from './nab-score.js';
import { readTable, type SensorTable } from './sensor-rows.js';
import { runTable } from './sensor-run.js';

/** A series and the windows in which its anomalies lie. */
export interface NabTable {
  readonly table: SensorTable;
  readonly rateHz: number;
  readonly windows: readonly NabWindow[];
}

/** The detections of one series. */
export interface NabRun extends NabSeries {
  readonly name: string;
  readonly rateHz: number;
  /** Of every row, 1 where each channel's course of day or week was believed. */
  readonly onCourse: Uint8Array;
}

export interface NabResult extends NabScore {
  /** The series at even places in the order of their paths: settings were chosen on these. */
  readonly tunedOn: NabScore;
  /** The others. */
  readonly heldOut: NabScore;
  readonly series: Readonly<Record<string, Omit<NabScore, 'score'>>>;
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

/** Runs every series through the cascade, all with the same configuration. */
export async function runNab(tables: readonly NabTable[], config: SensorConfig): Promise<readonly NabRun[]> {
  const runs: NabRun[] = [];
  for (const series of tables) runs.push(await runSeries(series, config));
  return runs;
}

/** Runs one series through the cascade. */
async function runSeries({ table, rateHz, windows }: NabTable, config: SensorConfig): Promise<NabRun> {
  const run = await runTable(table, rateHz, config);
  return {
    name: table.name,
    rateHz,
    rows: table.rows,
    windows,
    // A stream's detection counts where it was made, not where it is found to have begun.
    detections: run.detections.map(({ verifiedSample }) => verifiedSample - 1),
    onCourse: coursesOf(table, rateHz, config),
  };
}

/** The rows at which every channel is watched without its course, which asks for more and so alarms less. */
function coursesOf({ channels, data, rows }: SensorTable, rateHz: number, config: SensorConfig): Uint8Array {
  const { memoryRows } = sensorPace(config, rateHz);
  const periods = periodsOf(rateHz);
  const seasons = channels.map(() => new Seasons(periods, memoryRows));
  return Uint8Array.from({ length: rows }, (_, row) => {
    seasons.forEach((season, c) => {
      season.push(row, data[row * channels.length + c] as number);
    });
    return seasons.every(({ course }) => course !== null) ? 1 : 0;
  });
}

/** Scores the runs by the corpus' own rules: all, and the two halves of them; null of none. */
export function scoreNab(runs: readonly NabRun[]): NabResult | null {
  if (runs.length === 0) return null;
  const series = runs.map((run) => {
    const { score: _, ...counts } = nabScore([run]);
    return [run.name, counts] as const;
  });
  return {
    ...nabScore(runs),
    tunedOn: nabScore(runs.filter((_, place) => place % 2 === 0)),
    heldOut: nabScore(runs.filter((_, place) => place % 2 === 1)),
    series: Object.fromEntries(series),
  };
}

/**
 * Rows a second, from the median distance of the times.
 * @throws CatnapError `SOURCE_FORMAT`.
 */
export function rateOf({ timesMs, rows, name }: SensorTable): number {
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

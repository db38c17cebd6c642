import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { CatnapError } from '../core/errors.js';
import { ALARM } from '../learning/tuning/from-alarms.js';
import type { Candidate, Heard, Listened } from '../learning/tuning/tuning.js';
import type { SensorConfig } from '../sensor/config.js';
import { sensorPace } from '../sensor/profile.js';
import { type NabTable, rateOf } from './nab.js';
import type { NabWindow } from './nab-score.js';
import { delimiterOf, readTable } from './sensor-rows.js';
import { runTable } from './sensor-run.js';

/** Columns that say something of a row and are no channel: whether something is wrong, and where that changes. */
const LABELS = ['anomaly', 'changepoint'];

/**
 * The tables (`*.csv`) below a folder: time first, then channels; `anomaly` is 1 as long as something is wrong. Where
 * that column is missing nothing is.
 * @throws CatnapError `INPUT_MISSING` where there is none, `SOURCE_FORMAT` where one is no such table.
 */
export function readLabelled(folder: string): readonly NabTable[] {
  const paths = existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.csv'))
    : [];
  if (paths.length === 0)
    throw new CatnapError('INPUT_MISSING', `${folder}: expected tables (*.csv) in it, found none`);
  return paths.sort().map((path) => {
    const file = join(folder, path);
    const table = { ...readTable(file, delimiterOf(file), LABELS), name: path };
    return { table, rateHz: rateOf(table), windows: runsOf(table.labels.anomaly ?? new Float32Array()) };
  });
}

/** The runs of ones. */
function runsOf(labels: Float32Array): readonly NabWindow[] {
  const windows: { first: number; last: number }[] = [];
  labels.forEach((label, row) => {
    const last = windows.at(-1);
    if (label !== 1) return;
    if (last?.last === row - 1) last.last = row;
    else windows.push({ first: row, last: row });
  });
  return windows;
}

/** What is asked of {@link hearAlarms}. */
export interface AlarmOptions {
  readonly series: readonly NabTable[];
  readonly config: SensorConfig;
  /** Confidences to give an alarm from, each in a pass of its own: an alarm changes what is learnt and noticed next. */
  readonly thresholds: readonly number[];
  readonly onSeries: () => void;
}

/**
 * Runs labelled series through a sensor cascade with one threshold after the other. Each fault is to be told once,
 * while it lasts; what is told outside is false. A series is a group, and its hours are those without a fault, behind
 * what was learnt from.
 * @throws CatnapError what running the cascade throws.
 */
export async function hearAlarms({
  series,
  config,
  thresholds,
  onSeries,
}: AlarmOptions): Promise<readonly Heard[]> {
  const heard: Heard[] = [];
  for (const notice of thresholds) {
    const listened: Listened[] = [];
    for (const one of series) {
      listened.push(...(await stretchesOf(one, alarmingFrom(config, notice), notice)));
      onSeries();
    }
    heard.push({ notice, listened });
  }
  return heard;
}

/** The same cascade with another confidence to give an alarm from, as `catnap tune` writes it. */
export function alarmingFrom(config: SensorConfig, threshold: number): SensorConfig {
  return { ...config, thresholds: { accept: threshold, reject: threshold } };
}

/** The calm of a series as one stretch, and each of its faults as one. */
async function stretchesOf(
  { table, rateHz, windows }: NabTable,
  config: SensorConfig,
  threshold: number,
): Promise<readonly Listened[]> {
  const { detections } = await runTable(table, rateHz, config);
  const { learnRows, rowSeconds } = sensorPace(config, rateHz);
  const from = Math.round(learnRows * rowSeconds * rateHz);
  const watched = windows.filter(({ last }) => last >= from);
  const isIn = (row: number, { first, last }: NabWindow) => row >= first && row <= last;
  const told = detections.map(({ verifiedSample }) => verifiedSample - 1);
  const candidates = (rows: readonly number[], real: boolean): readonly Candidate[] =>
    rows.map(() => ({ label: ALARM, real, tiny: threshold, heavy: null }));
  const faultRows = watched.reduce((sum, { first, last }) => sum + last + 1 - Math.max(from, first), 0);
  const calm = {
    seconds: Math.max(0, table.rows - from - faultRows) / rateHz,
    said: [],
    candidates: candidates(
      told.filter((row) => !windows.some((window) => isIn(row, window))),
      false,
    ),
  };
  const faults = watched.map((window) => ({
    seconds: 0,
    said: [ALARM],
    candidates: candidates(
      told.filter((row) => isIn(row, window)),
      true,
    ),
  }));
  return [calm, ...faults].map((stretch) => ({ group: table.name, ...stretch }));
}

/**
 * So many confidences to give an alarm from, and the one in force: odds from a half on, each the root of two times
 * those before. The confidence of a sensor is by the rate of false alarms, so that each has as many of them fewer.
 */
export function thresholdsAround(inForce: number, count: number): readonly number[] {
  const thresholds = Array.from({ length: count }, (_, at) => {
    const odds = Math.SQRT2 ** (at - 2);
    return Number((odds / (1 + odds)).toFixed(3));
  });
  return [...new Set([...thresholds, inForce])].sort((a, b) => a - b);
}

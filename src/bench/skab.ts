import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SensorConfig } from '../sensor/config.js';
import { readTable, type SensorTable } from './sensor-rows.js';
import { runTable } from './sensor-run.js';

/** Rows at the start of every file that are for learning and are not scored. */
const LEARN_ROWS = 400;
/** Rows a second of its rig. */
export const RATE_HZ = 1;

/** Counts of rows. */
export interface Confusion {
  readonly truePositives: number;
  readonly falsePositives: number;
  readonly trueNegatives: number;
  readonly falseNegatives: number;
}

export interface SkabRates {
  readonly f1: number;
  /** Share of normal rows that were called anomalous. */
  readonly falseAlarmRate: number;
  /** Share of anomalous rows that were not. */
  readonly missedAlarmRate: number;
}

/** One labelled file through one detector. */
export interface SkabResult {
  readonly file: string;
  readonly confusion: Confusion;
  /** The same with the rows that were learnt from. */
  readonly wholeFile: Confusion;
  readonly rows: number;
  readonly cpuMs: number;
  readonly heavyWakeups: number;
}

/** The files below a folder, in order of their paths: those with labelled anomalies, and those without any. */
export function readSkab(folder: string): {
  readonly labelled: readonly SensorTable[];
  readonly calm: readonly SensorTable[];
} {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.csv'))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const tables = paths.map((path) => ({
    ...readTable(join(folder, path), ';', ['anomaly', 'changepoint']),
    name: path.replace(/\.csv$/, ''),
  }));
  const isLabelled = ({ labels }: SensorTable) => labels.anomaly?.includes(1) ?? false;
  return { labelled: tables.filter(isLabelled), calm: tables.filter((table) => !isLabelled(table)) };
}

/** Runs one file: the detector learns from its first 400 rows and judges the others. */
export async function runSkab(table: SensorTable, config: SensorConfig): Promise<SkabResult> {
  const run = await runTable(table, RATE_HZ, { ...config, learnSeconds: LEARN_ROWS / RATE_HZ });
  const called = new Uint8Array(table.rows);
  for (const { startSample, endSample } of run.detections) {
    called.fill(1, Math.max(LEARN_ROWS, startSample), endSample);
  }
  const labels = table.labels.anomaly ?? new Float32Array(table.rows);
  return {
    file: table.name,
    confusion: confusionOf(called, labels, LEARN_ROWS),
    wholeFile: confusionOf(called, labels, 0),
    rows: table.rows,
    cpuMs: run.cpuMs,
    heavyWakeups: run.heavyWakeups,
  };
}

function confusionOf(called: Uint8Array, labels: Float32Array, from: number): Confusion {
  const counts = { truePositives: 0, falsePositives: 0, trueNegatives: 0, falseNegatives: 0 };
  for (let row = from; row < called.length; row++) {
    const anomalous = labels[row] === 1;
    if (called[row] === 1) counts[anomalous ? 'truePositives' : 'falsePositives'] += 1;
    else counts[anomalous ? 'falseNegatives' : 'trueNegatives'] += 1;
  }
  return counts;
}

/** Rates over the rows of all files together, as the SKAB leaderboard pools them. */
export function pooled(confusions: readonly Confusion[]): SkabRates {
  const total = (pick: (confusion: Confusion) => number) =>
    confusions.reduce((sum, confusion) => sum + pick(confusion), 0);
  const hits = total(({ truePositives }) => truePositives);
  const falseAlarms = total(({ falsePositives }) => falsePositives);
  const quiet = total(({ trueNegatives }) => trueNegatives);
  const missed = total(({ falseNegatives }) => falseNegatives);
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  return {
    f1: share(2 * hits, 2 * hits + falseAlarms + missed),
    falseAlarmRate: share(falseAlarms, falseAlarms + quiet),
    missedAlarmRate: share(missed, missed + hits),
  };
}

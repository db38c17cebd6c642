import { type Interval, poisson } from '../core/intervals.js';
import type { SensorConfig } from '../sensor/config.js';
import { sensorPace } from '../sensor/profile.js';
import type { NabRun } from './nab.js';
import { nabScore, probationRows } from './nab-score.js';
import { quantileOrNull } from './statistics.js';

/** What came of the series of one pace. */
export interface PaceResult {
  readonly rowSeconds: number;
  readonly series: number;
  readonly windows: number;
  readonly found: number;
  /** Rows outside every window and behind the probation. */
  readonly calmRows: number;
  /** False alarms in them: counted, with the 95% interval of the count, and promised. */
  readonly falseAlarms: number;
  readonly interval: Interval;
  readonly promised: number;
  /** Median time from the beginning of a window to the first alarm in it, of those found; null of none. */
  readonly delaySeconds: number | null;
}

/** The runs by the time between two rows, fastest first, and what was promised at each. */
export function byPace(runs: readonly NabRun[], config: SensorConfig): readonly PaceResult[] {
  const paces = new Map<number, NabRun[]>();
  for (const run of runs) {
    const rowSeconds = Math.round(1 / run.rateHz);
    paces.set(rowSeconds, [...(paces.get(rowSeconds) ?? []), run]);
  }
  return [...paces.entries()]
    .sort(([a], [b]) => a - b)
    .map(([seconds, some]) => paceResult(seconds, some, config));
}

function paceResult(rowSeconds: number, runs: readonly NabRun[], config: SensorConfig): PaceResult {
  const { windows, found, falseAlarms } = nabScore(runs);
  const calmRows = runs.flatMap(calmRowsOf);
  const pace = sensorPace(config, 1 / rowSeconds);
  const perDay = calmRows.reduce(
    (sum, onCourse) => sum + (onCourse === 1 ? pace.falseAlarmsPerDayWithCourse : pace.falseAlarmsPerDay),
    0,
  );
  return {
    rowSeconds,
    series: runs.length,
    windows,
    found,
    calmRows: calmRows.length,
    falseAlarms,
    interval: poisson(falseAlarms),
    promised: perDay / pace.rowsPerDay,
    delaySeconds: quantileOrNull(runs.flatMap(delaysOf), 0.5),
  };
}

/** Of every row outside all windows and behind the probation, whether it was watched without its course. */
function calmRowsOf({ rows, windows, onCourse }: NabRun): number[] {
  const from = probationRows(rows);
  return [...onCourse.subarray(from)].filter(
    (_, i) => !windows.some(({ first, last }) => from + i >= first && from + i <= last),
  );
}

function delaysOf({ windows, detections, rateHz }: NabRun): readonly number[] {
  return windows.flatMap(({ first, last }) => {
    const row = detections.find((detection) => detection >= first && detection <= last);
    return row === undefined ? [] : [(row - first) / rateHz];
  });
}

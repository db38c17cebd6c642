import { type Calibration, deviationOf, surpriseOf } from '../normal/calibration.js';
import type { Pace } from '../normal/pace.js';
import { allowedBy } from '../normal/plain.js';
import type { SignalShape } from '../normal/state.js';
import type { WatchLimits } from '../normal/watcher.js';
import type { AnomalyTinySpec } from './spec.js';

/** A reject threshold of zero would be an alarm for ever. */
const LEAST_REJECT = 0.01;

/** What confidence is read by: the rates of the pace, shared among so many features and channels. */
export function calibrationOf(pace: Pace, features: number, channels: number): Calibration {
  const { rowsPerDay, falseAlarmsPerDay, falseShiftsPerDay } = pace;
  return { features, channels, rowsPerDay, falseAlarmsPerDay, falseShiftsPerDay };
}

/** When alarms begin and end, by the thresholds of the stage and what units and limits allow of each channel. */
export function watchLimitsOf(
  { thresholds, limits }: Pick<AnomalyTinySpec, 'thresholds' | 'limits'>,
  { falseShiftsPerDay, rowsPerDay, maxAlarmRows }: Pace,
  calibration: Calibration,
  channels: SignalShape['channels'],
): WatchLimits {
  const start = Math.max(thresholds.reject, LEAST_REJECT);
  return {
    startDeviation: deviationOf(start, calibration),
    startSurprise: surpriseOf(start, calibration),
    alarmsPerRow: falseShiftsPerDay / rowsPerDay,
    maxAlarmRows,
    allowed: channels.map(({ name, unit }) => allowedBy(unit, limits[name])),
  };
}

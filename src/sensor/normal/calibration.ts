import { SMOOTHING_ROWS } from './normal-model.js';
import { twoSidedTail } from './statistics.js';

const DAY_SECONDS = 86_400;
/** An exponential smoother remembers as much as a plain mean of twice its rows. */
const LOOK_ROWS = 2 * SMOOTHING_ROWS;

/** How deviations become confidence for one signal. */
export interface Calibration {
  /** Features that are looked at, any of which may be wrong. */
  readonly features: number;
  /** Rows a day: how often there is something to be wrong about. */
  readonly rowsPerDay: number;
  /** The false alarms a day at which confidence is one half. */
  readonly falseAlarmsPerDay: number;
}

/** Rows a day of a signal with `rowRateHz` rows a second. */
export function rowsPerDay(rowRateHz: number): number {
  return rowRateHz * DAY_SECONDS;
}

/** False alarms a day that a threshold at `deviation` gives while nothing is wrong. */
function falseAlarmsPerDay(deviation: number, { features, rowsPerDay }: Calibration): number {
  const looks = rowsPerDay / LOOK_ROWS;
  const tail = twoSidedTail(deviation);
  // 1 - (1 - tail)^features without losing small tails.
  return looks * -Math.expm1(features * Math.log1p(-Math.min(tail, 1 - Number.EPSILON)));
}

/** Confidence, 0 to 1, that a deviation is no false alarm: one half where the stated rate is reached. */
export function confidenceOf(deviation: number, calibration: Calibration): number {
  const stated = calibration.falseAlarmsPerDay;
  return stated / (stated + falseAlarmsPerDay(deviation, calibration));
}

/** The deviation that has a confidence: the inverse of {@link confidenceOf}. */
export function deviationOf(confidence: number, calibration: Calibration): number {
  let low = 0;
  let high = 40;
  // Bisection to float precision; the function falls monotonically.
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (confidenceOf(middle, calibration) < confidence) low = middle;
    else high = middle;
  }
  return high;
}

import { SMOOTHING_ROWS } from './normal-model.js';
import { twoSidedTail } from './statistics.js';

const DAY_SECONDS = 86_400;
/** An exponential smoother remembers as much as a plain mean of twice its rows. */
const LOOK_ROWS = 2 * SMOOTHING_ROWS;

/** How deviations become confidence for one signal. */
export interface Calibration {
  /** Features that are looked at, any of which may be wrong. */
  readonly features: number;
  /** Channels whose surprise is looked at; 0 where none is. */
  readonly channels: number;
  /** Rows a day: how often there is something to be wrong about. */
  readonly rowsPerDay: number;
  /** The false alarms a day at which confidence is one half. */
  readonly falseAlarmsPerDay: number;
  /** The part of them that may be shifts: at so many alone confidence is one half too. */
  readonly falseShiftsPerDay: number;
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

/**
 * Surprise at which one channel gives a false alarm in so many rows, and by how much it rises for each e-fold fewer:
 * counted on white noise and on first-order autoregressions of 0.7 and 0.95, 90,000 rows.
 */
const SURPRISE = 17;
const SURPRISE_ROWS = 1250;
const SURPRISE_PER_FOLD = 3;

/** Share of the false alarms by surprise that are left where so much more surprise is asked for. */
export function shareLeftBy(surprise: number): number {
  return Math.exp(-surprise / SURPRISE_PER_FOLD);
}

/** False alarms a day that a threshold at `surprise` gives while nothing is wrong. */
function falseSurprisesPerDay(surprise: number, { channels, rowsPerDay }: Calibration): number {
  return ((channels * rowsPerDay) / SURPRISE_ROWS) * shareLeftBy(surprise - SURPRISE);
}

/** Confidence, 0 to 1, that what strays so far is no false alarm: one half where the stated rate is reached. */
export function confidenceOf(deviation: number, calibration: Calibration, surprise = 0): number {
  const byShift = falseAlarmsPerDay(deviation, calibration) / calibration.falseShiftsPerDay;
  if (surprise === 0) return 1 / (1 + byShift);
  const bySurprise = falseSurprisesPerDay(surprise, calibration) / calibration.falseAlarmsPerDay;
  return 1 / (1 + Math.min(byShift, bySurprise));
}

/** The surprise that has a confidence. */
export function surpriseOf(confidence: number, calibration: Calibration): number {
  const { channels, rowsPerDay, falseAlarmsPerDay: stated } = calibration;
  const allowed = (stated * (1 - confidence)) / confidence;
  return SURPRISE + SURPRISE_PER_FOLD * Math.log((channels * rowsPerDay) / SURPRISE_ROWS / allowed);
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

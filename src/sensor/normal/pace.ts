import { rowsPerDay, shareLeftBy } from './calibration.js';
import type { FeatureSpec } from './features.js';
import { MIN_LEARN_ROWS, SMOOTHING_ROWS } from './normal-model.js';
import { LEAST_DAY_ROWS, REST_SURPRISE } from './seasons.js';

/** What is learnt from by default, the longer of the two: fewer rows say little of how a signal strays. */
const LEARN_SECONDS = 600;
const LEARN_ROWS = 200;
/** More rows than this are not learnt from at once; the newest are. */
export const MOST_LEARN_ROWS = 20_000;
/** Rows that what is usual is remembered for, at least; and at least a day. */
const MEMORY_ROWS = 4000;
/** Rows that an alarm may last at least before it is taken for how the plant now runs. */
const LEAST_LASTING_ROWS = 288;
/** How long something confirmed lasts, the longer of the two, before it may be a regime that nobody objects to. */
const REGIME_SECONDS = 3600;
const REGIME_ROWS = 120;
/** How often a fault that lasts is told of again by default, the longer of the two. */
const UPDATE_SECONDS = 60;
const UPDATE_ROWS = 10;
/** False alarms by default: in a day where rows are fast, and in a row where they are slow. */
const PER_DAY = 20;
const PER_ROW = 1 / 1250;
/**
 * Share of the false alarms that shifts of the level may be where rows are slow: there surprise finds more for as many.
 * At a row a second (a plant's second thoughts: SKAB) and faster they may be all.
 */
const LEAST_SHIFT_SHARE = 1 / 16;
/** False alarms in a row that can be promised at most and at least: between them thresholds mean something. */
const MOST_PER_ROW = 1 / 200;
const LEAST_PER_ROW = 1e-7;

/** What a configuration asks of the pace, in seconds and days. */
export interface PaceWishes {
  /** Null: what serves at this pace. */
  readonly learnSeconds: number | null;
  /** Null: what the pace carries. */
  readonly falseAlarmsPerDay: number | null;
  readonly maxAlarmSeconds: number;
}

/** What can be done at the pace at which rows come. */
export interface Pace {
  readonly rowSeconds: number;
  readonly rowsPerDay: number;
  /** Rows that are learnt from before anything is watched. */
  readonly learnRows: number;
  /** Rows from one time that is learnt to the next: as many as were asked for first, however many fit into memory. */
  readonly stretchRows: number;
  /** Rows that what is usual is remembered for. */
  readonly memoryRows: number;
  readonly falseAlarmsPerDay: number;
  /** How many of them may be shifts. */
  readonly falseShiftsPerDay: number;
  /** What is left of them where a course of day or week is believed: there more surprise is asked for. */
  readonly falseAlarmsPerDayWithCourse: number;
  /** The rate that was asked for, where it cannot be kept at this pace; else null. */
  readonly refusedPerDay: number | null;
  readonly maxAlarmRows: number;
  /** Rows after which what was confirmed, and still lasts, is learnt from unless somebody gave it a name. */
  readonly regimeRows: number;
}

/** Resolves what is asked for against the rate of a signal: the longer of so many rows and so much time. */
export function paceOf(rateHz: number, { rowSamples }: FeatureSpec, wishes: PaceWishes): Pace {
  const rowSeconds = rowSamples / rateHz;
  const perDay = rowsPerDay(1 / rowSeconds);
  const asked = wishes.falseAlarmsPerDay ?? Math.min(PER_DAY, PER_ROW * perDay);
  const kept = Math.min(MOST_PER_ROW * perDay, Math.max(LEAST_PER_ROW * perDay, asked));
  const { learnSeconds } = wishes;
  const leastRows = learnSeconds === null ? LEARN_ROWS : MIN_LEARN_ROWS;
  const learnRows = Math.round((learnSeconds ?? LEARN_SECONDS) / rowSeconds);
  const shifts = kept * Math.min(1, Math.max(LEAST_SHIFT_SHARE, 1 / rowSeconds));
  return {
    rowSeconds,
    rowsPerDay: perDay,
    learnRows: Math.min(MOST_LEARN_ROWS, Math.max(leastRows, learnRows)),
    stretchRows: Math.max(leastRows, learnRows),
    memoryRows: Math.max(MEMORY_ROWS, Math.round(perDay)),
    falseAlarmsPerDay: kept,
    falseShiftsPerDay: shifts,
    falseAlarmsPerDayWithCourse: Math.min(kept, shifts + kept * shareLeftBy(REST_SURPRISE)),
    refusedPerDay: kept === asked ? null : asked,
    maxAlarmRows: Math.max(LEAST_LASTING_ROWS, Math.round(wishes.maxAlarmSeconds / rowSeconds)),
    regimeRows: Math.max(REGIME_ROWS, Math.round(REGIME_SECONDS / rowSeconds)),
  };
}

/**
 * How often a fault that lasts is told of again.
 * @param asked What the configuration says; null: what serves at this pace. A row is the least there can be.
 */
export function updateSecondsOf({ rowSeconds }: Pick<Pace, 'rowSeconds'>, asked: number | null): number {
  return Math.max(rowSeconds, asked ?? Math.max(UPDATE_SECONDS, UPDATE_ROWS * rowSeconds));
}

/** What a configuration says beside the pace, as far as it is told. */
export interface PaceContext {
  /** The recording that normal running was learnt from; null: the signal itself. */
  readonly from: string | null;
  /** The zone whose clocks the courses keep; null: nobody said. */
  readonly timeZone: string | null;
  /** How often a fault that lasts shall be told of again; null: nobody said. */
  readonly updateSeconds: number | null;
}

/** Says in a sentence what the pace means: what is learnt, what can be found how soon, what alarms by mistake. */
export function tellPace(pace: Pace, { from, timeZone, updateSeconds }: PaceContext): string {
  const { rowSeconds, learnRows, falseAlarmsPerDay, refusedPerDay, rowsPerDay } = pace;
  const learnt =
    from === null
      ? `the first ${learnRows} rows (${span(learnRows * rowSeconds)}) are learnt from`
      : `normal is what ${from} shows`;
  const found = `a step is found within about ${span(SMOOTHING_ROWS * rowSeconds)}`;
  const clocks =
    timeZone === null ? 'by clocks that never change (timeZone)' : `by the clocks of ${timeZone}`;
  const course =
    rowsPerDay < LEAST_DAY_ROWS
      ? 'no course of the day: too few rows'
      : `the course of a day counts after 3 days, that of a week after 15, ${clocks}`;
  const rarer = pace.falseAlarmsPerDayWithCourse;
  const withCourse =
    rowsPerDay < LEAST_DAY_ROWS || rarer === falseAlarmsPerDay
      ? ''
      : `, in ${span(86_400 / rarer)} where a course is believed`;
  // Counted on noise: a level that just begins an alarm is crossed twice as often as an independent look every 16 rows.
  const atFirst =
    pace.falseShiftsPerDay < falseAlarmsPerDay
      ? ''
      : ', twice as often until alarms raise what the next one takes';
  const rate = `about one false alarm in ${span(86_400 / falseAlarmsPerDay)}${withCourse}${atFirst}`;
  const refused =
    refusedPerDay === null
      ? ''
      : ` (${refusedPerDay} a day asked for; this pace can keep to ${falseAlarmsPerDay.toPrecision(2)})`;
  return `a row every ${span(rowSeconds)}: ${learnt}; ${found}; ${course}; ${rate}${refused}${updates(pace, updateSeconds)}`;
}

function updates({ rowSeconds }: Pace, asked: number | null): string {
  if (asked === null || asked >= rowSeconds) return '';
  return `; what lasts is told of again every ${span(rowSeconds)} (updateSeconds: ${asked} asked for; a row is the least)`;
}

/** A time in the unit that reads best. */
export function span(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ] as const;
  const [size, unit] = units.find(([length]) => seconds >= 2 * length) ?? [1, 's'];
  return `${Number((seconds / size).toPrecision(2))} ${unit}`;
}

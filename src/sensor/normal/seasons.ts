import { Course, type CourseState, Phases } from './course.js';
import { Surprise, type SurpriseState } from './surprise.js';

const HOURS = 3600;
const DAY_SECONDS = 24 * HOURS;
const WEEK_DAYS = 7;
/** Phases of the course of a day, at most. */
const DAY_PHASES = 96;
/** Fewer rows a day have no course. */
export const LEAST_DAY_ROWS = 12;
/** Periods after which what is left of a signal without its course is looked at, and after which it may count. */
const LEARN_PERIODS = 2;
const JUDGE_PERIODS = 3;
/** A course is believed once it expects so much better than a level does, and dropped above the second share. */
const BELIEVED_ERROR = 0.55;
const DROPPED_ERROR = 0.75;
/** The course of the week is believed once it expects so much better than that of the day. */
const WEEK_ERROR = 0.9;

/** A correlation of neighbouring rows below which a channel is noise. */
const NOISE_CORRELATION = 0.15;
/** Surprise that noise has to give in addition: no regime and no pattern is in it that could break weakly. */
const NOISE_SURPRISE = 8;
/** The same of what is left without its course: that is noise in the main. */
export const REST_SURPRISE = 5;

export type CourseName = 'day' | 'week';

/** The periods of a signal, which its channels share; null: it has too few rows a day for a course. */
export interface Periods {
  readonly dayRows: number;
  readonly phases: { readonly day: Phases; readonly week: Phases } | null;
}

/** The periods of a signal of so many rows a second. */
export function periodsOf(rowsPerSecond: number): Periods {
  const dayRows = rowsPerSecond * DAY_SECONDS;
  if (dayRows < LEAST_DAY_ROWS) return { dayRows, phases: null };
  return { dayRows, phases: { day: new Phases(dayRows, DAY_PHASES), week: new Phases(WEEK_DAYS * dayRows) } };
}

/** What {@link Seasons} know of a channel. */
export interface SeasonsState {
  readonly course: CourseName | null;
  readonly rows: number;
  /** Level of the last days, and the mean absolute error of expecting it. */
  readonly level: number;
  readonly levelError: number;
  readonly plain: SurpriseState | null;
  readonly rest: SurpriseState | null;
  readonly day: CourseState | null;
  readonly week: CourseState | null;
  /** Covariance of neighbouring rows, variance, mean, last value, and rows that they are of. */
  readonly noise: readonly [product: number, variance: number, mean: number, last: number, seen: number];
}

/**
 * How surprising a channel is, given its course of day and week: both are learnt all along, and one is believed only
 * while it says what comes clearly better than the level does. Then what counts is the channel without its course.
 */
export class Seasons {
  score = 0;
  /** The course that is believed; null: none. */
  course: CourseName | null = null;
  /** What the course expected of the last row; NaN without one. */
  expected = Number.NaN;
  readonly #plain: Surprise;
  readonly #rest: Surprise;
  readonly #day: Course | null;
  readonly #week: Course | null;
  readonly #dayRows: number;
  #level = Number.NaN;
  #levelError = 0;
  #rows = 0;
  readonly #memoryRows: number;
  /** Of neighbouring rows, and within rows. */
  #product = 0;
  #variance = 0;
  #mean = 0;
  #last = 0;
  #seen = 0;

  constructor({ dayRows, phases }: Periods, memoryRows: number) {
    this.#memoryRows = memoryRows;
    this.#plain = new Surprise(memoryRows);
    this.#rest = new Surprise(memoryRows);
    this.#dayRows = dayRows;
    const errorRows = 2 * dayRows;
    this.#day = phases === null ? null : new Course(phases.day, errorRows);
    this.#week = phases === null ? null : new Course(phases.week, errorRows);
  }

  /** Whether a value ever came. */
  get hasBegun(): boolean {
    return this.#seen > 0;
  }

  /** What is known, to go on with after a restart; null before the first value. */
  get state(): SeasonsState | null {
    if (this.#seen === 0) return null;
    return {
      course: this.course,
      rows: this.#rows,
      level: Number.isNaN(this.#level) ? this.#mean : this.#level,
      levelError: this.#levelError,
      plain: this.#plain.state,
      rest: this.#rest.state,
      day: this.#day?.state ?? null,
      week: this.#week?.state ?? null,
      noise: [this.#product, this.#variance, this.#mean, this.#last, this.#seen],
    };
  }

  /**
   * Goes on with what was known.
   * @param samePhases whether rows are counted from the same beginning; where not, the courses are learnt anew.
   */
  restore(state: SeasonsState, samePhases: boolean): void {
    if (state.plain !== null) this.#plain.restore(state.plain);
    [this.#product, this.#variance, this.#mean, this.#last, this.#seen] = state.noise;
    if (!samePhases || state.day === null || state.week === null) return;
    this.#day?.restore(state.day);
    this.#week?.restore(state.week);
    if (state.rest !== null) this.#rest.restore(state.rest);
    this.course = state.course;
    this.#rows = state.rows;
    this.#level = state.level;
    this.#levelError = state.levelError;
  }

  /** Takes the value of a row; NaN is passed over. */
  push(row: number, value: number): void {
    this.score = 0;
    if (Number.isNaN(value)) return;
    this.#plain.push(value);
    this.#follow(row, value);
    this.score = Math.max(0, this.#raw());
    this.#correlate(value);
  }

  #raw(): number {
    if (this.course !== null) return this.#rest.score - REST_SURPRISE;
    return this.#plain.score - (this.#isNoise() ? NOISE_SURPRISE : 0);
  }

  #isNoise(): boolean {
    return Math.abs(this.#product) < NOISE_CORRELATION * this.#variance;
  }

  #correlate(value: number): void {
    this.#seen = Math.min(this.#seen + 1, this.#memoryRows);
    const off = value - this.#mean;
    this.#product += ((this.#last - this.#mean) * off - this.#product) / this.#seen;
    this.#variance += (off * off - this.#variance) / this.#seen;
    this.#mean += off / this.#seen;
    this.#last = value;
  }

  #follow(row: number, value: number): void {
    if (this.#day === null || this.#week === null) return;
    const day = this.#day.expect(row);
    const week = this.#week.expect(row);
    this.#day.push(row, value, day);
    this.#week.push(row, value, week);
    this.#rows += 1;
    if (Number.isNaN(this.#level)) this.#level = value;
    const gain = 1 / Math.min(this.#rows, 2 * this.#dayRows);
    this.#levelError += (Math.abs(value - this.#level) - this.#levelError) * gain;
    this.#level += (value - this.#level) * gain;
    this.#judge();
    this.expected = this.course === 'week' ? week : day;
    if (this.#rows > LEARN_PERIODS * this.#dayRows && Number.isFinite(this.expected))
      this.#rest.push(value - this.expected);
  }

  #judge(): void {
    const { error } = this.#day as Course;
    const share = this.course === null ? BELIEVED_ERROR : DROPPED_ERROR;
    const limit = share * this.#levelError;
    const isDay = this.#rows >= JUDGE_PERIODS * this.#dayRows && error < limit;
    const weekRows = (LEARN_PERIODS * WEEK_DAYS + 1) * this.#dayRows;
    const best = isDay ? WEEK_ERROR * error : limit;
    const isWeek = this.#rows >= weekRows && (this.#week as Course).error < best;
    this.course = !this.#rest.isLearnt ? null : isWeek ? 'week' : isDay ? 'day' : null;
  }
}

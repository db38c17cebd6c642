import { BASELINE_ROWS, hasLevel, isHeard, type NormalModel, SMOOTHING_ROWS } from './normal-model.js';
import { type Limits, PlainFaults } from './plain.js';
import { normalEquivalent } from './statistics.js';
import { Tails, type TailsState } from './tails.js';

/** Deviation below which nothing is left of a fault. */
const REST_DEVIATION = 1;
/** A fault is over once what is left of it, in its own direction, is less than this share of its worst. */
const REMNANT_SHARE = 0.2;
/**
 * It is also over once less than this share was left for as many rows as a level is remembered: what is left then is
 * how the plant now runs.
 */
const LASTING_SHARE = 0.5;
/** Neither ends it while it still goes back: while it is clearly less far than this many rows ago. */
const RETURN_ROWS = 2 * SMOOTHING_ROWS;
/** After an alarm a channel may begin the next one once its deviation fell below this share of what begins one. */
const REARM_SHARE = 0.3;
/** What is plainly wrong with a sensor counts as this many times the deviation that begins an alarm. */
const PLAIN_FAULT = 1.5;
/** Uncertainty that grew while the level was frozen shrinks this many times faster. */
const THAW_FACTOR = 3;
/** A level that was frozen for as long as its memory is followed faster by this much, until it has thawed. */
const THAW_GAIN = 1;
/** Deviation asked for in addition for each alarm too many, and at most: a clear fault that comes often is told. */
const CAUTION = 2;
const MOST_CAUTION = 7;
/** Alarms that may come at once. */
const FREE_ALARMS = 2;
/** Alarms are forgotten at this share of the expected rate, so that it is kept even where the model is wrong. */
const FORGIVENESS = 0.2;
/** Extra uncertainty of a level that is itself a mean of correlated rows. */
const LEVEL_SHARE = (2 * SMOOTHING_ROWS) / BASELINE_ROWS;
/** Rows of deviations whose tail is known. */
const TAIL_ROWS = 4000;
/** Surprise asked for in addition for each alarm of it lately, and rows in which one is forgotten. */
const SURPRISE_CAUTION = 1;
const SURPRISE_FORGET_ROWS = 3000;
/** Rows from the beginning of one alarm to the next by surprise: what follows is of the same. */
const SURPRISE_REST_ROWS = 100;
/** An alarm by surprise is over below this share of what begins one, and the next may begin once below the second. */
const SURPRISE_HOLD_SHARE = 0.6;
const SURPRISE_REARM_SHARE = 0.3;

/** When alarms begin, and when they end whatever is seen. */
export interface WatchLimits {
  /** An alarm begins above this deviation. */
  readonly startDeviation: number;
  /** Or above this surprise. */
  readonly startSurprise: number;
  /** False alarms that are to be expected of it. */
  readonly alarmsPerRow: number;
  /** What lasts longer is how the plant now runs: the alarm ends and the level is taken over. */
  readonly maxAlarmRows: number;
  /** Lowest and highest value that can be, of each channel whose level is watched. */
  readonly allowed: readonly Limits[];
}

/**
 * Watches rows against what is normal. Each channel is smoothed exponentially (as in the multivariate EWMA chart:
 * Lowry et al., Technometrics 34, 1992) and compared with its slowly followed level; the difference is divided by
 * what noise and drift explain, and expressed as a normal deviate. The largest decides, where it is in the tail of
 * what such deviations were. Beside it stand what is plainly wrong and the surprise of the channels (see Seasons).
 *
 * Alarms that come more often than they should raise what the next one takes, and quiet lowers it again (as adaptive
 * conformal inference steers its error rate: Gibbs and Candes, NeurIPS 2021).
 *
 * An alarm of a shift has memory: the level is frozen, and the alarm lasts until the deviation, projected on the
 * direction in which the fault went, has come back. So other channels that drifted meanwhile neither hold nor hide it.
 * One of surprise lasts as long as it surprises: a regime that stays is learnt.
 */
export class Watcher {
  /** Signed deviation of each channel in the last row, as a normal deviate. */
  readonly deviations: Float64Array;
  /** Size of the largest of them. */
  deviation = 0;
  alarm = false;
  /** Alarms that began. */
  begun = 0;
  /** Largest deviation of the running alarm, if it is of a shift or plainly wrong, and largest surprise. */
  worstDeviation = 0;
  worstSurprise = 0;
  /** Smoothed value of each channel. */
  readonly smoothed: Float64Array;
  /** Level of each channel. */
  readonly baseline: Float64Array;
  readonly plain: PlainFaults;
  #model: NormalModel;
  readonly #direction: Float64Array;
  #farthest = 0;
  /** How far the running alarm was in its direction in each of the last rows; a ring. */
  readonly #way = new Float64Array(RETURN_ROWS);
  #alarmRows = 0;
  /** Rows in a row in which less than {@link LASTING_SHARE} of the running alarm was left. */
  #lesserRows = 0;
  /** Whether the running or last alarm is of a shift or of something plainly wrong, not of surprise alone. */
  isShift = false;
  /** Channels that have to come back before they may begin an alarm: 1 where so. */
  readonly #spent: Uint8Array;
  /** The same for what is plainly wrong. */
  readonly #told: Uint8Array;
  #frozenRows = 0;
  /** Alarms beyond the stated rate. */
  #recentAlarms = 0;
  readonly #deviationTail = new Tails([2 * SMOOTHING_ROWS], TAIL_ROWS);
  readonly #size = new Float64Array(1);
  #recentSurprises = 0;
  #surpriseSpent = false;
  #rowsSinceStart = Number.POSITIVE_INFINITY;

  constructor(
    model: NormalModel,
    readonly limits: WatchLimits,
  ) {
    const { length } = model.channels;
    this.#model = model;
    this.deviations = new Float64Array(length);
    this.smoothed = Float64Array.from(model.smoothed);
    this.baseline = Float64Array.from(model.baseline);
    this.plain = new PlainFaults(length, limits.allowed);
    this.#direction = new Float64Array(length);
    // What is going on as learning ends is normal until it has come back once.
    this.#spent = new Uint8Array(length).fill(1);
    this.#told = new Uint8Array(length);
  }

  /** Learns from the rows that the model was learnt from, in order of time, what deviations are usual. */
  learn(rows: Float64Array): void {
    const size = this.deviations.length;
    for (let c = 0; c < size; c++) {
      const first = rows[c] as number;
      this.smoothed[c] = Number.isFinite(first) ? first : (this.#model.baseline[c] as number);
      this.baseline[c] = this.smoothed[c] as number;
    }
    const seen: number[] = [];
    // Until the level has settled, deviations say little; of a short stretch half has to do.
    const from = Math.min(BASELINE_ROWS * size, rows.length / 2);
    for (let at = 0; at < rows.length; at += size) {
      this.#measure(rows.subarray(at, at + size));
      this.#adapt();
      if (at >= from) seen.push(this.deviation);
    }
    this.#deviationTail.learn(Float64Array.from(seen));
    this.smoothed.set(this.#model.smoothed);
    this.baseline.set(this.#model.baseline);
    this.plain.reset();
  }

  /** The tail of the deviations, to go on with after a restart. */
  get tail(): TailsState {
    return this.#deviationTail.state;
  }

  /** Goes on with the tail of the deviations as it was. */
  restore(tail: TailsState): void {
    this.#deviationTail.restore(tail);
  }

  /** Takes the next row: one value a channel, NaN where missing; and how surprising it is at most. */
  push(row: ArrayLike<number>, surprise: number): void {
    this.#measure(row);
    this.#rowsSinceStart += 1;
    this.#recentSurprises *= 1 - 1 / SURPRISE_FORGET_ROWS;
    this.#recentAlarms = Math.max(0, this.#recentAlarms - this.limits.alarmsPerRow * FORGIVENESS);
    if (!(this.alarm && this.isShift)) {
      this.#size[0] = this.deviation;
      this.#deviationTail.push(this.#size);
    }
    if (!this.alarm) this.#consider(surprise);
    if (this.alarm) this.#follow(surprise);
    if (this.alarm && this.isShift) {
      this.#frozenRows += 1;
      this.plain.forgetNoise();
    } else this.#adapt();
  }

  /** Judges by a newer model from now on; the level it follows stands. */
  adopt(model: NormalModel): void {
    model.channels.forEach((channel, c) => {
      const before = this.#model.channels[c];
      const isSame = before !== undefined && isHeard(before) && before.kind === channel.kind;
      if (isSame || !isHeard(channel)) return;
      // It has begun to speak, or to count: there was no level to follow.
      this.smoothed[c] = model.smoothed[c] as number;
      this.baseline[c] = model.baseline[c] as number;
    });
    this.#model = model;
  }

  /** Whether the running alarm may be how the plant now runs: a level that went elsewhere, and no dead sensor. */
  get maySettle(): boolean {
    return this.alarm && this.isShift && !this.#isSensorWrong;
  }

  /** Judges by a newer model from now on, and takes the level that is shown now for normal: no alarm is left. */
  settle(model: NormalModel): void {
    this.adopt(model);
    this.baseline.set(this.smoothed);
    this.alarm = false;
    this.#spent.fill(1);
    // It was no fault, so one alarm too many: none is free any more.
    this.#recentAlarms = Math.max(this.#recentAlarms, FREE_ALARMS) + 1;
  }

  /**
   * Forgets streaming state; the level stands, for the plant is the same after a gap. `awayRows`: how long it may have
   * drifted meanwhile.
   */
  reset(awayRows = 0): void {
    this.smoothed.set(this.baseline);
    this.deviations.fill(0);
    this.deviation = 0;
    this.alarm = false;
    this.#spent.fill(0);
    this.#told.fill(0);
    this.#frozenRows = awayRows;
    this.plain.reset();
  }

  #measure(row: ArrayLike<number>): void {
    let largest = 0;
    for (let c = 0; c < this.deviations.length; c++) {
      this.#take(c, row[c] as number);
      const plain = this.plain.found[c] ?? null;
      const stray = this.#stray(c);
      const wrong = PLAIN_FAULT * this.limits.startDeviation;
      // Noise that grew and regimes go with levels that stray; of what else is wrong the level says nothing.
      const isOfLevel = plain === 'noise grown' || plain === 'regime never seen';
      const isLevel = plain === null || (isOfLevel && Math.abs(stray) > wrong);
      const deviation = isLevel ? stray : wrong;
      if (plain === null) this.#told[c] = 0;
      this.deviations[c] = deviation;
      const size = Math.abs(deviation);
      if (size > largest) largest = size;
    }
    this.deviation = largest;
  }

  #take(c: number, value: number): void {
    const model = this.#model.channels[c];
    if (model === undefined) return;
    this.plain.push(c, value, model);
    if (!Number.isFinite(value) || this.plain.found[c] === 'impossible value') return;
    const smoothed = this.smoothed[c] as number;
    this.smoothed[c] = smoothed + (value - smoothed) / SMOOTHING_ROWS;
  }

  #stray(c: number): number {
    const model = this.#model.channels[c];
    if (model === undefined || !hasLevel(model)) return 0;
    const drift = model.driftVariance * (BASELINE_ROWS / 2 + this.#frozenRows);
    const variance = model.noiseVariance * (1 + LEVEL_SHARE) + drift;
    const distance = (this.smoothed[c] as number) - (this.baseline[c] as number);
    return normalEquivalent(distance / Math.sqrt(variance), model.dof);
  }

  #consider(surprise: number): void {
    const isPlain = this.#isPlainlyWrong();
    const isShift = this.#hasShifted();
    const isSurprise = this.#isSurprise(surprise);
    if (!isPlain && !isShift && !isSurprise) return;
    this.alarm = true;
    this.begun += 1;
    this.isShift = isShift || isPlain;
    if (isShift) this.#recentAlarms += 1;
    if (isSurprise) this.#recentSurprises += 1;
    this.#rowsSinceStart = 0;
    this.worstDeviation = 0;
    this.worstSurprise = 0;
    this.#farthest = 0;
    this.#alarmRows = 0;
    this.#lesserRows = 0;
    this.#direction.fill(0);
    this.#way.fill(0);
  }

  #isPlainlyWrong(): boolean {
    return this.plain.found.some((fault, c) => fault !== null && this.#told[c] === 0);
  }

  #hasShifted(): boolean {
    const rest = this.limits.startDeviation * REARM_SHARE;
    let largest = 0;
    for (let c = 0; c < this.deviations.length; c++) {
      const size = Math.abs(this.deviations[c] as number);
      if (size < rest) this.#spent[c] = 0;
      if (this.#spent[c] === 0 && this.#told[c] === 0 && size > largest) largest = size;
    }
    const caution = Math.min(MOST_CAUTION, CAUTION * Math.max(0, this.#recentAlarms - FREE_ALARMS));
    return largest > this.limits.startDeviation + caution && this.#isUnusual();
  }

  /** Whether the deviation is in the tail of what deviations were. */
  #isUnusual(): boolean {
    return (this.#deviationTail.evidence[0] as number) > 0;
  }

  #isSurprise(surprise: number): boolean {
    const { startSurprise } = this.limits;
    const start = startSurprise + SURPRISE_CAUTION * this.#recentSurprises;
    if (surprise < SURPRISE_REARM_SHARE * (start - SURPRISE_CAUTION)) this.#surpriseSpent = false;
    return surprise > start && !this.#surpriseSpent && this.#rowsSinceStart > SURPRISE_REST_ROWS;
  }

  /** Follows the running alarm: where it points, how far it went, whether it is over. */
  #follow(surprise: number): void {
    if (surprise > this.limits.startSurprise) this.#surpriseSpent = true;
    if (surprise > this.worstSurprise) this.worstSurprise = surprise;
    const isFar = this.deviation > this.limits.startDeviation;
    if (isFar && this.#isUnusual()) this.isShift = true;
    if (this.isShift && this.deviation > this.worstDeviation) this.worstDeviation = this.deviation;
    this.plain.found.forEach((fault, c) => {
      if (fault !== null) this.#told[c] = 1;
    });
    const along = this.#along();
    if (along > this.#farthest) this.#farthest = along;
    this.#alarmRows += 1;
    this.#lesserRows = along < LASTING_SHARE * this.#farthest ? this.#lesserRows + 1 : 0;
    const lasts = this.#lasts(along, surprise);
    this.#way[this.#alarmRows % RETURN_ROWS] = along;
    if (this.#alarmRows >= this.limits.maxAlarmRows) this.baseline.set(this.smoothed);
    else if (lasts) return;
    this.alarm = false;
    if (this.isShift) this.#spent.fill(1);
  }

  /** Levels cannot tell that a sensor is well again which is plainly wrong, as one that falls silent in a fault. */
  get #isSensorWrong(): boolean {
    return this.plain.found.some((fault) => fault !== null && fault !== 'noise grown');
  }

  #lasts(along: number, surprise: number): boolean {
    if (this.#isSensorWrong) return true;
    if (this.isShift) return this.#isLeft(along) || this.#isReturning(along);
    return surprise >= SURPRISE_HOLD_SHARE * this.limits.startSurprise;
  }

  #isLeft(along: number): boolean {
    if (this.#lesserRows >= BASELINE_ROWS) return false;
    return along >= Math.max(REST_DEVIATION, REMNANT_SHARE * this.#farthest);
  }

  #isReturning(along: number): boolean {
    const before = this.#way[this.#alarmRows % RETURN_ROWS] as number;
    return along > REST_DEVIATION && before - along > REST_DEVIATION;
  }

  /** The deviation in the direction of the running alarm. */
  #along(): number {
    let size = 0;
    let along = 0;
    for (let c = 0; c < this.deviations.length; c++) {
      const deviation = this.deviations[c] as number;
      // Cubed, so that the direction is that of the fault at its worst, and a slow channel beside it does not count.
      const direction = (this.#direction[c] as number) + deviation ** 3;
      this.#direction[c] = direction;
      size += direction * direction;
      along += direction * deviation;
    }
    return along / (Math.sqrt(size) || 1);
  }

  #adapt(): void {
    const thaw = THAW_GAIN * Math.min(1, this.#frozenRows / BASELINE_ROWS);
    const gain = (1 + thaw) / BASELINE_ROWS;
    this.#frozenRows = Math.max(0, this.#frozenRows - THAW_FACTOR);
    for (let c = 0; c < this.baseline.length; c++) {
      const level = this.baseline[c] as number;
      this.baseline[c] = level + ((this.smoothed[c] as number) - level) * gain;
    }
  }
}

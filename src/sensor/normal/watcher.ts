import { BASELINE_ROWS, type NormalModel, SMOOTHING_ROWS } from './normal-model.js';
import { normalEquivalent } from './statistics.js';

/** Deviation below which nothing is left of a fault. */
const REST_DEVIATION = 1;
/** A fault is over once what is left of it, in its own direction, is this share of its worst. */
const REMNANT_SHARE = 0.2;
/** After an alarm a channel may begin the next one once its deviation fell below this share of what begins one. */
const REARM_SHARE = 0.3;
/** A sensor that is stuck or silent counts as this many times the deviation that begins an alarm. */
const DEAD_SENSOR = 1.5;
/** Uncertainty that grew while the level was frozen shrinks this many times faster. */
const THAW_FACTOR = 3;
/** A level that was frozen for as long as its memory is followed faster by this much, until it has thawed. */
const THAW_GAIN = 1;
/** Deviation asked for in addition for each alarm too many. */
const CAUTION = 0.5;
/** Alarms that may come at once. */
const FREE_ALARMS = 1;
/** Alarms are forgotten at this share of the expected rate, so that it is kept even where the model is wrong. */
const FORGIVENESS = 0.2;
/** Extra uncertainty of a level that is itself a mean of correlated rows. */
const LEVEL_SHARE = (2 * SMOOTHING_ROWS) / BASELINE_ROWS;

/** When alarms begin, and when they end whatever is seen. */
export interface WatchLimits {
  /** An alarm begins above this deviation. */
  readonly startDeviation: number;
  /** False alarms that are to be expected of it. */
  readonly alarmsPerRow: number;
  /** What lasts longer is how the plant now runs: the alarm ends and the level is taken over. */
  readonly maxAlarmRows: number;
}

/**
 * Watches rows against what is normal. Each channel is smoothed exponentially (as in the multivariate EWMA chart:
 * Lowry et al., Technometrics 34, 1992) and compared with its slowly followed level; the difference is divided by
 * what noise and drift explain, and expressed as a normal deviate. The largest decides.
 *
 * Alarms that come more often than they should raise the deviation that the next one takes, and quiet lowers it
 * again (as adaptive conformal inference steers its error rate: Gibbs and Candes, NeurIPS 2021).
 *
 * An alarm has memory: the level is frozen, and the alarm lasts until the deviation, projected on the direction in
 * which the fault went, has come back. So other channels that drifted meanwhile neither hold nor hide it.
 */
export class Watcher {
  /** Signed deviation of each channel in the last row, as a normal deviate. */
  readonly deviations: Float64Array;
  /** Size of the largest of them. */
  deviation = 0;
  alarm = false;
  /** Largest deviation of the running alarm. */
  worstDeviation = 0;
  /** Smoothed value of each channel. */
  readonly smoothed: Float64Array;
  /** Level of each channel. */
  readonly baseline: Float64Array;
  #model: NormalModel;
  readonly #last: Float64Array;
  readonly #sameRows: Float64Array;
  readonly #missingRows: Float64Array;
  readonly #direction: Float64Array;
  #farthest = 0;
  #alarmRows = 0;
  /** Channels that have to come back before they may begin an alarm: 1 where so. */
  readonly #spent: Uint8Array;
  #frozenRows = 0;
  /** Alarms beyond the stated rate. */
  #recentAlarms = 0;

  constructor(
    model: NormalModel,
    readonly limits: WatchLimits,
  ) {
    const { length } = model.channels;
    this.#model = model;
    this.deviations = new Float64Array(length);
    this.smoothed = Float64Array.from(model.smoothed);
    this.baseline = Float64Array.from(model.baseline);
    this.#last = new Float64Array(length).fill(Number.NaN);
    this.#sameRows = new Float64Array(length);
    this.#missingRows = new Float64Array(length);
    this.#direction = new Float64Array(length);
    // What is going on as learning ends is normal until it has come back once.
    this.#spent = new Uint8Array(length).fill(1);
  }

  /** Takes the next row: one value a channel, NaN where missing. */
  push(row: ArrayLike<number>): void {
    this.#measure(row);
    if (!this.alarm) this.#consider();
    if (this.alarm) this.#follow();
    if (this.alarm) this.#frozenRows += 1;
    else this.#adapt();
  }

  /** Judges by a newer model from now on; the level it follows stands. */
  adopt(model: NormalModel): void {
    this.#model = model;
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
    this.#frozenRows = awayRows;
    this.#last.fill(Number.NaN);
    this.#sameRows.fill(0);
    this.#missingRows.fill(0);
  }

  #measure(row: ArrayLike<number>): void {
    let largest = 0;
    for (let c = 0; c < this.deviations.length; c++) {
      const deviation = this.#dead(c, row[c] as number)
        ? DEAD_SENSOR * this.limits.startDeviation
        : this.#stray(c);
      this.deviations[c] = deviation;
      const size = Math.abs(deviation);
      if (size > largest) largest = size;
    }
    this.deviation = largest;
  }

  /** Takes one value in; true when its sensor is stuck or silent. */
  #dead(c: number, value: number): boolean {
    const model = this.#model.channels[c];
    if (model === undefined) return false;
    if (!Number.isFinite(value)) {
      this.#missingRows[c] = (this.#missingRows[c] as number) + 1;
      return (this.#missingRows[c] as number) > model.missingRows;
    }
    this.#missingRows[c] = 0;
    this.#sameRows[c] = value === this.#last[c] ? (this.#sameRows[c] as number) + 1 : 0;
    this.#last[c] = value;
    const smoothed = this.smoothed[c] as number;
    this.smoothed[c] = smoothed + (value - smoothed) / SMOOTHING_ROWS;
    return (this.#sameRows[c] as number) > model.stuckRows;
  }

  #stray(c: number): number {
    const model = this.#model.channels[c];
    if (model === undefined) return 0;
    const drift = model.driftVariance * (BASELINE_ROWS / 2 + this.#frozenRows);
    const variance = model.noiseVariance * (1 + LEVEL_SHARE) + drift;
    const distance = (this.smoothed[c] as number) - (this.baseline[c] as number);
    return normalEquivalent(distance / Math.sqrt(variance), model.dof);
  }

  #consider(): void {
    const rest = this.limits.startDeviation * REARM_SHARE;
    let largest = 0;
    for (let c = 0; c < this.deviations.length; c++) {
      const size = Math.abs(this.deviations[c] as number);
      if (size < rest) this.#spent[c] = 0;
      if (this.#spent[c] === 0 && size > largest) largest = size;
    }
    this.#recentAlarms = Math.max(0, this.#recentAlarms - this.limits.alarmsPerRow * FORGIVENESS);
    const caution = CAUTION * Math.max(0, this.#recentAlarms - FREE_ALARMS);
    if (largest <= this.limits.startDeviation + caution) return;
    this.alarm = true;
    this.#recentAlarms += 1;
    this.worstDeviation = 0;
    this.#farthest = 0;
    this.#alarmRows = 0;
    this.#direction.fill(0);
  }

  /** Follows the running alarm: where it points, how far it went, whether it is over. */
  #follow(): void {
    if (this.deviation > this.worstDeviation) this.worstDeviation = this.deviation;
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
    along /= Math.sqrt(size) || 1;
    if (along > this.#farthest) this.#farthest = along;
    this.#alarmRows += 1;
    if (this.#alarmRows >= this.limits.maxAlarmRows) this.baseline.set(this.smoothed);
    else if (along >= Math.max(REST_DEVIATION, REMNANT_SHARE * this.#farthest)) return;
    this.alarm = false;
    this.#spent.fill(1);
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

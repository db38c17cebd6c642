import { quantileOfSorted, sortedOf } from '../../core/quantile.js';

/** Share of the values that lie beyond the threshold of a tail. */
const TAIL_SHARE = 0.05;
/** How far the threshold rises at an excess, in how far it falls at another value: so many lie beyond it. */
const UPWARD = 1 / TAIL_SHARE - 1;
/** Heaviest tail that the excesses alone may suggest (GPD shape, where the variance ceases to exist). */
const MOST_SHAPE = 0.5;
/** An excess counts as this many mean excesses at most, so that one fault does not make the next one ordinary. */
const MOST_EXCESS = 20;
/** Least mean excess, as a share of the learnt range: below it nothing is known. */
const LEAST_EXCESS = 1e-3;
/** The same, as a share of the size of the values: a 32-bit sample has no finer steps. */
const RESOLUTION = 1e-6;
/** Sums are brought back from this weight on. */
const MOST_WEIGHT = 1e60;
/** Clusters of excesses that count however few are remembered. */
const LEAST_CLUSTERS = 0.5;

/** What {@link Tails} know: one value a quantity each, brought back to a weight of one for the newest row. */
export interface TailsState {
  readonly rows: number;
  readonly threshold: readonly number[];
  readonly excesses: readonly number[];
  readonly squares: readonly number[];
  readonly count: readonly number[];
  readonly clusters: readonly number[];
  readonly floor: readonly number[];
}

/**
 * Upper tails of several quantities, learnt as they come: peaks over a threshold (Pickands, Ann. Statist. 3, 1975;
 * Siffer et al., "Anomaly detection in streams with extreme value theory", KDD 2017). The threshold follows the 95%
 * quantile by stochastic approximation (Robbins and Monro, Ann. Math. Statist. 22, 1951), the excesses over it are
 * generalised Pareto, by moments. What is not known widens the tail: of k clusters of excesses (runs declustering,
 * Ferro and Segers, JRSS B 65, 2003) the predictive tail has a shape of 1/k. So a quantity that drifted through its
 * learning once, at any pace, has to go very far before that means anything.
 */
export class Tails {
  /**
   * Minus the natural logarithm of how often in a row such a value or a larger one begins to come, which is the rate
   * of false alarms that a threshold there would give; 0 below the tail.
   */
  readonly evidence: Float64Array;
  /** Sum of the squares of the evidence. */
  squaredEvidence = 0;
  readonly #threshold: Float64Array;
  readonly #excesses: Float64Array;
  readonly #squares: Float64Array;
  readonly #count: Float64Array;
  readonly #clusters: Float64Array;
  readonly #floor: Float64Array;
  /** Place of the last excess of each, and of the newest row. */
  readonly #last: Float64Array;
  #place = 0;
  /** Mean excess of each, and the weight of a row up to which it holds. */
  readonly #mean: Float64Array;
  readonly #holdsTo: Float64Array;
  #rows = 0;
  /** Of the newest row, in the sums. */
  #weight = 1;

  /**
   * @param gapRows Rows below the threshold that part two clusters, of each quantity.
   * @param memoryRows Rows that are remembered.
   */
  constructor(
    readonly gapRows: ArrayLike<number>,
    readonly memoryRows: number,
  ) {
    const { length } = gapRows;
    this.evidence = new Float64Array(length);
    this.#threshold = new Float64Array(length);
    this.#excesses = new Float64Array(length);
    this.#squares = new Float64Array(length);
    this.#count = new Float64Array(length);
    this.#clusters = new Float64Array(length);
    this.#floor = new Float64Array(length);
    this.#last = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
    this.#mean = new Float64Array(length);
    this.#holdsTo = new Float64Array(length);
  }

  /** Begins with `rows`, interleaved, `rows[i * size + q]`. */
  learn(rows: Float64Array): void {
    const size = this.gapRows.length;
    this.#rows = Math.floor(rows.length / size);
    for (let q = 0; q < size; q++) {
      const series = new Float64Array(this.#rows);
      for (let i = 0; i < series.length; i++) series[i] = rows[i * size + q] as number;
      const sorted = sortedOf(series);
      const range = (sorted.at(-1) ?? Number.NaN) - (sorted[0] ?? Number.NaN);
      const middle = quantileOfSorted(sorted, 0.5);
      this.#floor[q] = LEAST_EXCESS * range + RESOLUTION * Math.abs(middle) + Number.EPSILON;
      this.#threshold[q] = quantileOfSorted(sorted, 1 - TAIL_SHARE);
      for (let i = 0; i < series.length; i++) {
        const excess = (series[i] as number) - (this.#threshold[q] as number);
        this.#place = i + 1;
        if (excess > 0) this.#add(q, excess);
      }
    }
    this.#holdsTo.fill(0);
  }

  /** What is known, to go on with after a restart. */
  get state(): TailsState {
    this.#shrink();
    return {
      rows: this.#rows,
      threshold: [...this.#threshold],
      excesses: [...this.#excesses],
      squares: [...this.#squares],
      count: [...this.#count],
      clusters: [...this.#clusters],
      floor: [...this.#floor],
    };
  }

  /** Goes on with what was known; of another number of quantities nothing is. */
  restore(state: TailsState): void {
    if (state.threshold.length !== this.gapRows.length) return;
    this.#rows = state.rows;
    this.#weight = 1;
    this.#threshold.set(state.threshold);
    this.#excesses.set(state.excesses);
    this.#squares.set(state.squares);
    this.#count.set(state.count);
    this.#clusters.set(state.clusters);
    this.#floor.set(state.floor);
    this.#holdsTo.fill(0);
  }

  /** Weighs the next value of each quantity against what was before, then takes it in. */
  push(values: ArrayLike<number>): void {
    this.#rows = Math.min(this.#rows + 1, this.memoryRows);
    const gain = 1 / this.#rows;
    const weight = this.#weight;
    // New rows grow in weight instead of all old ones shrinking.
    if (gain < 1) this.#weight /= 1 - gain;
    this.#place += 1;
    const threshold = this.#threshold;
    const means = this.#mean;
    const holdsTo = this.#holdsTo;
    const { evidence } = this;
    let squares = 0;
    for (let q = 0; q < evidence.length; q++) {
      const limit = threshold[q] as number;
      const excess = (values[q] as number) - limit;
      const mean = weight <= (holdsTo[q] as number) ? (means[q] as number) : this.#meanOf(q, weight);
      if (excess > 0) {
        const found = this.#exceed(q, excess, mean, weight);
        evidence[q] = found;
        squares += found * found;
        threshold[q] = limit + mean * UPWARD * gain;
      } else {
        evidence[q] = 0;
        threshold[q] = limit - mean * gain;
      }
    }
    this.squaredEvidence = squares;
    if (this.#weight > MOST_WEIGHT) this.#shrink();
  }

  /** Mean excess; where there are fewer excesses than one would count now, it falls with every row. */
  #meanOf(q: number, weight: number): number {
    const count = this.#count[q] as number;
    const mean = Math.max((this.#excesses[q] as number) / Math.max(weight, count), this.#floor[q] as number);
    this.#holdsTo[q] = count;
    this.#mean[q] = mean;
    return mean;
  }

  #exceed(q: number, excess: number, mean: number, weight: number): number {
    // Of what never strayed nobody knows how far it may.
    const known = (this.#clusters[q] as number) > 0;
    const found = known ? this.#weigh(q, excess, mean, weight) : 0;
    this.#add(q, known ? Math.min(excess, MOST_EXCESS * mean) : excess);
    this.#holdsTo[q] = 0;
    return found;
  }

  #weigh(q: number, excess: number, mean: number, weight: number): number {
    const variance = (this.#squares[q] as number) / Math.max(weight, this.#count[q] as number) - mean * mean;
    const moments = variance > 0 ? 0.5 * (1 - (mean * mean) / variance) : 0;
    const clusters = Math.max(LEAST_CLUSTERS, (this.#clusters[q] as number) / weight);
    const shape = 1 / clusters + Math.min(MOST_SHAPE, Math.max(0, moments));
    return Math.log1p((shape * excess) / mean) / shape - Math.log(clusters / this.#rows);
  }

  #add(q: number, excess: number): void {
    this.#excesses[q] = (this.#excesses[q] as number) + this.#weight * excess;
    this.#squares[q] = (this.#squares[q] as number) + this.#weight * excess * excess;
    this.#count[q] = (this.#count[q] as number) + this.#weight;
    if (this.#place - (this.#last[q] as number) > (this.gapRows[q] as number))
      this.#clusters[q] = (this.#clusters[q] as number) + this.#weight;
    this.#last[q] = this.#place;
  }

  #shrink(): void {
    for (const sums of [this.#excesses, this.#squares, this.#count, this.#clusters])
      for (let q = 0; q < sums.length; q++) sums[q] = (sums[q] as number) / this.#weight;
    this.#weight = 1;
    this.#holdsTo.fill(0);
  }
}

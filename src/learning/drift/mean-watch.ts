/** What a mean did. */
export type Move = 'rose' | 'fell';

/** That a mean has left where it was. */
export interface Shift {
  readonly move: Move;
  /** Values since it began to, as well as can be told. */
  readonly values: number;
  /** Mean of the reference, and of the values since. */
  readonly before: number;
  readonly since: number;
}

/** Of the largest bet that cannot lose all: small shifts are found by small bets, large ones by large. */
const BETS = [0.1, 0.3, 0.6, 0.9] as const;
/** Values that have to lie where they were before it is well again. */
const RECOVERED_VALUES = 50;
/** Standard errors either way that the reference's own mean is taken to lie within: 99.5% of means do. */
const REFERENCE_DEVIATIONS = 2.81;

interface Wager {
  readonly move: Move;
  /** Stake on each value. */
  readonly bet: number;
  capital: number;
  /** Values and their sum since the capital was last begun anew. */
  values: number;
  sum: number;
}

/**
 * Watches the mean of values from 0 to 1, and may be looked at after every one: an e-detector (Shin, Ramdas and
 * Rinaldo, arXiv:2203.03532). Bets that the mean has left the interval of the reference lose on average while it has
 * not, and begin anew whenever they have; an alarm is given when their mean capital reaches `runLength`. So before any
 * change it takes at least `runLength` values on average to a false alarm, whatever the values are distributed like.
 */
export class MeanWatch {
  readonly #reference: number[] = [];
  readonly #newest: number[] = [];
  #wagers: readonly Wager[] = [];
  #interval: { readonly low: number; readonly high: number; readonly mean: number } | null = null;
  #isShifted = false;

  /**
   * @param referenceValues values that say where the mean was
   * @param runLength values between false alarms, at least and on average
   */
  constructor(
    private readonly referenceValues: number,
    private readonly runLength: number,
  ) {}

  /** Mean of the reference; null until it is full. */
  get reference(): number | null {
    return this.#interval?.mean ?? null;
  }

  /** Takes a value; gives the shift at which an alarm is due, `recovered` once one is over. */
  take(value: number): Shift | 'recovered' | null {
    if (this.#interval === null) {
      this.#reference.push(value);
      if (this.#reference.length === this.referenceValues) this.#start();
      return null;
    }
    this.#newest.push(value);
    if (this.#newest.length > RECOVERED_VALUES) this.#newest.shift();
    return this.#isShifted ? this.#recovery(this.#interval) : this.#look(value, this.#interval);
  }

  #start(): void {
    this.#interval = intervalOf(this.#reference);
    this.#reference.length = 0;
    this.#begin();
  }

  #begin(): void {
    const { low, high } = this.#interval ?? { low: 0, high: 1 };
    const wager = (move: Move, most: number) =>
      BETS.map((share) => ({ move, bet: share * most, capital: 1, values: 0, sum: 0 }));
    this.#wagers = [
      ...wager('rose', 1 / Math.max(high, 1e-9)),
      ...wager('fell', 1 / Math.max(1 - low, 1e-9)),
    ];
  }

  #look(value: number, { low, high, mean }: { low: number; high: number; mean: number }): Shift | null {
    for (const wager of this.#wagers) {
      if (wager.capital <= 1) Object.assign(wager, { capital: 1, values: 0, sum: 0 });
      const won = wager.move === 'rose' ? value - high : low - value;
      wager.capital *= 1 + wager.bet * won;
      wager.values += 1;
      wager.sum += value;
    }
    const capital = this.#wagers.reduce((sum, wager) => sum + wager.capital, 0) / this.#wagers.length;
    if (capital < this.runLength) return null;
    const best = this.#wagers.reduce((richest, wager) => (wager.capital > richest.capital ? wager : richest));
    this.#isShifted = true;
    return { move: best.move, values: best.values, before: mean, since: best.sum / best.values };
  }

  #recovery({ low, high }: { readonly low: number; readonly high: number }): 'recovered' | null {
    if (this.#newest.length < RECOVERED_VALUES) return null;
    const mean = this.#newest.reduce((sum, value) => sum + value, 0) / this.#newest.length;
    if (mean < low || mean > high) return null;
    this.#isShifted = false;
    this.#begin();
    return 'recovered';
  }
}

/** Where the mean lies, as of many draws: the normal distribution's interval. */
function intervalOf(values: readonly number[]): { low: number; high: number; mean: number } {
  const count = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, count - 1);
  const half = REFERENCE_DEVIATIONS * Math.sqrt(variance / count);
  return { low: Math.max(0, mean - half), high: Math.min(1, mean + half), mean };
}

/** What a mean did. */
export type Move = 'rose' | 'fell';

/** That a mean has left where it was. */
export interface Shift {
  readonly move: Move;
  /** Values since it began to, as well as can be told. */
  readonly values: number;
  /** Mean before, and of the values since. */
  readonly before: number;
  readonly since: number;
}

/** Values looked at together: a change is taken to begin at one of them. */
const STEP_VALUES = 5;
/** Steps remembered: a change is looked for among the newer half, and compared with as many before it. */
const STEPS_MAX = 400;
/** Values that have to lie where they were before it is well again, at least and at most. */
const RECOVERED_VALUES = { least: 50, most: 500 } as const;
/** Of the way from where the mean was to where it went: nearer than that it is where it was. */
const RECOVERED_SHARE = 1 / 3;

/** How many values there have been, and their sum. */
interface Total {
  readonly count: number;
  readonly sum: number;
}

/** A value from which on the mean may have been another. */
interface Candidate {
  /** Up to the first value that it is compared with, and up to itself. */
  readonly from: Total;
  readonly at: Total;
  /** Logarithm of how likely a mean that is fitted to the values before it makes them. */
  readonly before: number;
}

/**
 * Watches the mean of values from 0 to 1, and may be looked at all the time: an e-detector (Shin, Ramdas and Rinaldo,
 * arXiv:2203.03532) that needs not know what the mean was. For each value from which on it may be another, the
 * values are likelier under two means, each a mixture that was fitted to nothing (Krichevsky and Trofimov, 1981), than
 * under the best single one: universal inference (Wasserman, Ramdas and Balakrishnan, PNAS 2020). While nothing
 * changes each of these ratios is at most 1 on average, whatever the values are distributed like, for the likelihood
 * of a yes or no is convex in between. An alarm is given when their sum reaches `runLength`, a value each, so that
 * it takes at least as many on average to a false one, if one value does not foretell the next.
 */
export class MeanWatch {
  #totals: Total[] = [{ count: 0, sum: 0 }];
  #candidates: Candidate[] = [];
  #total: Total = { count: 0, sum: 0 };
  #newest: number[] = [];
  #shift: Shift | null = null;

  /**
   * @param referenceValues values that have to lie before a change
   * @param runLength values between false alarms, at least and on average
   */
  constructor(
    private readonly referenceValues: number,
    private readonly runLength: number,
  ) {}

  /** Whether there are values enough to say what is usual. */
  get hasReference(): boolean {
    return this.#total.count >= this.referenceValues;
  }

  /** Takes a value; gives the shift at which an alarm is due, `recovered` once one is over. */
  take(value: number): Shift | 'recovered' | null {
    if (this.#shift !== null) return this.#recovery(value, this.#shift);
    this.#total = { count: this.#total.count + 1, sum: this.#total.sum + value };
    return this.#total.count % STEP_VALUES === 0 ? this.#look(this.#total) : null;
  }

  #look(now: Total): Shift | null {
    let [sum, likeliest] = [0, 0];
    let begun: Candidate | null = null;
    for (const candidate of this.#candidates) {
      const ratio = Math.exp(candidate.before + fitted(candidate.at, now) - best(candidate.from, now));
      sum += ratio;
      if (ratio > likeliest) [likeliest, begun] = [ratio, candidate];
    }
    if (begun !== null && sum * STEP_VALUES >= this.runLength) {
      const [before, since] = [meanOf(begun.from, begun.at), meanOf(begun.at, now)];
      const values = now.count - begun.at.count;
      this.#shift = { move: since > before ? 'rose' : 'fell', values, before, since };
      return this.#shift;
    }
    this.#remember(now);
    return null;
  }

  #remember(now: Total): void {
    const from = this.#totals.at(-STEPS_MAX / 2) ?? (this.#totals[0] as Total);
    if (now.count - from.count >= this.referenceValues)
      this.#candidates.push({ from, at: now, before: fitted(from, now) });
    this.#totals.push(now);
    if (this.#totals.length > STEPS_MAX) this.#totals.shift();
    if (this.#candidates.length > STEPS_MAX / 2) this.#candidates.shift();
  }

  #recovery(value: number, { values, before, since }: Shift): 'recovered' | null {
    const { least, most } = RECOVERED_VALUES;
    const needed = Math.min(most, Math.max(least, values));
    this.#newest.push(value);
    if (this.#newest.length > needed) this.#newest.shift();
    if (this.#newest.length < needed) return null;
    const mean = this.#newest.reduce((sum, each) => sum + each, 0) / needed;
    if (Math.abs(mean - before) > RECOVERED_SHARE * Math.abs(since - before)) return null;
    // What lay before the change says again what is usual.
    this.#total = { count: this.referenceValues, sum: before * this.referenceValues };
    this.#totals = [{ count: 0, sum: 0 }, this.#total];
    [this.#candidates, this.#newest, this.#shift] = [[], [], null];
    return 'recovered';
  }
}

function meanOf(from: Total, to: Total): number {
  return (to.sum - from.sum) / (to.count - from.count);
}

/** Logarithm of the likelihood of values under a mean that is drawn as Krichevsky and Trofimov do. */
function fitted(from: Total, to: Total): number {
  const [count, sum] = [to.count - from.count, to.sum - from.sum];
  const beta = logGamma(sum + 0.5) + logGamma(count - sum + 0.5) - logGamma(count + 1);
  return beta - Math.log(Math.PI);
}

/** Logarithm of the likelihood of values under their own mean. */
function best(from: Total, to: Total): number {
  const [count, sum] = [to.count - from.count, to.sum - from.sum];
  const share = (part: number): number => (part <= 0 ? 0 : part * Math.log(part / count));
  return share(sum) + share(count - sum);
}

/** By Stirling's series from 8 on (Abramowitz and Stegun 6.1.41), and by its recurrence below. */
function logGamma(x: number): number {
  let [at, below] = [x, 0];
  for (; at < 8; at++) below += Math.log(at);
  const series = 1 / (12 * at) - 1 / (360 * at ** 3) + 1 / (1260 * at ** 5);
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - below;
}

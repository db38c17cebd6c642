import { Tails, type TailsState } from './tails.js';

/** Rows over which a channel is smoothed, each four times the one before: from a spike to a slow change. */
const SCALES = [1, 4, 16, 64] as const;
const GAINS = Float64Array.from(SCALES, (rows) => 1 / rows);
/** A smoothed value is compared with its own of this many times as long. */
const SLOWER = 6;
/** High, low, risen, fallen. */
const SIDES = 4;
const QUANTITIES = SIDES * SCALES.length;
/** Rows that the tails begin with. */
const BEGIN_ROWS = 200;
/** Rows that part two clusters of excesses, in scales. */
const GAP_SCALES = 2;

const GAPS = Float64Array.from(
  { length: QUANTITIES },
  (_, q) => GAP_SCALES * (SCALES[Math.floor(q / SIDES)] as number),
);

/** What {@link Surprise} knows. */
export interface SurpriseState {
  readonly rows: number;
  readonly fast: readonly number[];
  readonly slow: readonly number[];
  readonly tails: TailsState;
}

/**
 * How surprising one channel is at several time scales at once, against all it did before: its level, and how far that
 * rose or fell. Each quantity has its tail; their surprisals (minus log chance) are put together as the root of
 * their sum of squares, for what is odd shows at several scales.
 */
export class Surprise {
  /** Of the last value; 0 while nothing is known. */
  score = 0;
  readonly #fast = new Float64Array(SCALES.length);
  readonly #slow = new Float64Array(SCALES.length);
  readonly #values = new Float64Array(QUANTITIES);
  readonly #tails: Tails;
  #rows = 0;
  /** The first rows of quantities, until there are enough. */
  #begun: Float64Array | null = new Float64Array(BEGIN_ROWS * QUANTITIES);

  constructor(memoryRows: number) {
    this.#tails = new Tails(GAPS, memoryRows);
  }

  /** Whether there was enough to compare with. */
  get isLearnt(): boolean {
    return this.#begun === null;
  }

  /** What is known, to go on with after a restart; null while that is too little. */
  get state(): SurpriseState | null {
    if (this.#begun !== null) return null;
    return { rows: this.#rows, fast: [...this.#fast], slow: [...this.#slow], tails: this.#tails.state };
  }

  /** Goes on with what was known. */
  restore({ rows, fast, slow, tails }: SurpriseState): void {
    this.#rows = rows;
    this.#fast.set(fast.slice(0, SCALES.length));
    this.#slow.set(slow.slice(0, SCALES.length));
    this.#tails.restore(tails);
    this.#begun = null;
  }

  /** Takes the next value. */
  push(value: number): void {
    this.#follow(value);
    if (this.#begun !== null) {
      this.#begin(this.#begun);
      return;
    }
    this.#tails.push(this.#values);
    this.score = Math.sqrt(this.#tails.squaredEvidence);
  }

  #begin(rows: Float64Array): void {
    rows.set(this.#values, (this.#rows - 1) * QUANTITIES);
    if (this.#rows < BEGIN_ROWS) return;
    this.#tails.learn(rows);
    this.#begun = null;
  }

  #follow(value: number): void {
    this.#rows += 1;
    const least = 1 / this.#rows;
    const isFirst = this.#rows === 1;
    const fasts = this.#fast;
    const slows = this.#slow;
    const values = this.#values;
    for (let s = 0; s < SCALES.length; s++) {
      const gain = GAINS[s] as number;
      const before = fasts[s] as number;
      const fast = before + (value - before) * (gain > least ? gain : least);
      const slow = isFirst ? value : (slows[s] as number);
      const slower = gain / SLOWER;
      const change = fast - slow;
      fasts[s] = fast;
      slows[s] = slow + (value - slow) * (slower > least ? slower : least);
      const at = SIDES * s;
      values[at] = fast;
      values[at + 1] = -fast;
      values[at + 2] = change;
      values[at + 3] = -change;
    }
  }
}

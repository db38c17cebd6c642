import { mean } from '../../core/moments.js';
import type { ChannelFormat } from '../../core/signal/frame.js';
import { span } from './pace.js';
import type { Limits } from './plain.js';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;
/** Rows of the shortest blocks, and how many times as long the next are. */
const SHORTEST_ROWS = 60;
const LONGER = 8;
/** Blocks that are looked at together. */
const BLOCKS = 12;
/** Share of them in which it goes the same way. */
const MOST_ONE_WAY = 10 / (BLOCKS - 1);
/** A drift begins once the slope is this many times its standard error. */
const SURE_SLOPE = 6;
/** It is over once the slope is less than this many times its standard error. */
const OVER_SLOPE = 2;
/** A drift is told once it left what its level was by this share of how far that reached. */
const BEYOND_SHARE = 0.25;

/** A level that moves slowly and steadily. */
export interface DriftFound {
  readonly perRow: number;
  /** Rows since when it is seen. */
  readonly rows: number;
  readonly level: number;
}

/** What is known of blocks of one length. */
export interface BlocksState {
  readonly sum: number;
  readonly count: number;
  readonly places: number;
  readonly means: readonly number[];
  readonly range: readonly [low: number, high: number] | null;
  readonly told: number;
}

/** The drift of one channel at one length of blocks. */
class Blocks {
  #sum = 0;
  #count = 0;
  #places = 0;
  #means: number[] = [];
  /** Of the means that are no longer among the blocks: where the level was before. */
  #range: readonly [low: number, high: number] | null = null;
  /** Sign of the slope that was told and holds; 0: none. */
  #told = 0;

  constructor(readonly blockRows: number) {}

  get isDrifting(): boolean {
    return this.#told !== 0;
  }

  get state(): BlocksState {
    return {
      sum: this.#sum,
      count: this.#count,
      places: this.#places,
      means: [...this.#means],
      range: this.#range,
      told: this.#told,
    };
  }

  restore({ sum, count, places, means, range, told }: BlocksState): void {
    this.#sum = sum;
    this.#count = count;
    this.#places = places;
    this.#means = [...means];
    this.#range = range;
    this.#told = told;
  }

  /** Rows until the block ends. */
  get waitRows(): number {
    return this.blockRows - this.#places;
  }

  /** Takes rows up to the end of the block at most: how many, how many of them have a value, and their sum. */
  push(places: number, count: number, sum: number): DriftFound | null {
    this.#places += places;
    this.#count += count;
    this.#sum += sum;
    if (this.#places < this.blockRows) return null;
    const mean = this.#count * 2 < this.#places ? Number.NaN : this.#sum / this.#count;
    this.#sum = 0;
    this.#count = 0;
    this.#places = 0;
    if (Number.isNaN(mean)) {
      this.#means.length = 0;
      return null;
    }
    return this.#take(mean);
  }

  #take(mean: number): DriftFound | null {
    this.#means.push(mean);
    if (this.#means.length <= BLOCKS) return null;
    const old = this.#means.shift() as number;
    const [low, high] = this.#range ?? [old, old];
    this.#range = [Math.min(low, old), Math.max(high, old)];
    const { slope, sureness } = slopeOf(this.#means);
    if (this.#told !== 0 && (Math.sign(slope) !== this.#told || sureness < OVER_SLOPE)) this.#told = 0;
    const [lowest, highest] = this.#range;
    const reach = BEYOND_SHARE * (highest - lowest);
    const isBeyond = slope > 0 ? mean > highest + reach : mean < lowest - reach;
    if (this.#told !== 0 || sureness < SURE_SLOPE || !isBeyond) return null;
    this.#told = Math.sign(slope);
    return { perRow: slope / this.blockRows, rows: BLOCKS * this.blockRows, level: mean };
  }
}

/**
 * Sees levels that drift so slowly that the watcher follows them: over twelve blocks of 60 rows, 480 and so on up to
 * a day the level goes the same way nearly all the time, by a slope that is six times its standard error, to where it
 * never was. Steps of neighbouring blocks are what the error is taken from (a random walk with a drift), so that a
 * level which merely wanders is none.
 */
export class Drift {
  readonly #scales: readonly Blocks[];
  /** Rows that no block has yet, and those until the next block of any length ends. */
  #places = 0;
  #count = 0;
  #sum = 0;
  #waitRows: number;

  /** @param mostRows the longest blocks: a day of rows. */
  constructor(mostRows: number) {
    const lengths: number[] = [];
    for (let rows = SHORTEST_ROWS; rows < mostRows; rows *= LONGER) lengths.push(rows);
    this.#scales = [...lengths, Math.max(1, Math.round(mostRows))].map((rows) => new Blocks(rows));
    this.#waitRows = this.#nextEnd();
  }

  /** What is known, to go on with after a restart. */
  get state(): readonly BlocksState[] {
    this.#hand();
    return this.#scales.map(({ state }) => state);
  }

  /** Goes on with what was known; begins anew where it was known of blocks of other lengths. */
  restore(state: readonly BlocksState[]): void {
    if (state.length !== this.#scales.length) return;
    state.forEach((known, s) => void this.#scales[s]?.restore(known));
    this.#waitRows = this.#nextEnd();
  }

  get isDrifting(): boolean {
    return this.#scales.some(({ isDrifting }) => isDrifting);
  }

  /** Takes the value of a row, NaN where missing; a drift that is new. */
  push(value: number): DriftFound | null {
    this.#places += 1;
    if (Number.isFinite(value)) {
      this.#count += 1;
      this.#sum += value;
    }
    return this.#places < this.#waitRows ? null : this.#hand();
  }

  /** Gives the blocks the rows since they last got some. */
  #hand(): DriftFound | null {
    let found: DriftFound | null = null;
    for (const blocks of this.#scales) found = blocks.push(this.#places, this.#count, this.#sum) ?? found;
    this.#places = 0;
    this.#count = 0;
    this.#sum = 0;
    this.#waitRows = this.#nextEnd();
    return found;
  }

  #nextEnd(): number {
    return Math.min(...this.#scales.map(({ waitRows }) => waitRows));
  }
}

/** Mean step from one block to the next, and how many standard errors that is; 0 where too few go its way. */
function slopeOf(means: readonly number[]): { readonly slope: number; readonly sureness: number } {
  const steps = means.slice(1).map((mean, i) => mean - (means[i] as number));
  const slope = mean(steps);
  const along = steps.filter((step) => step * slope > 0).length / steps.length;
  const variance = steps.reduce((sum, step) => sum + (step - slope) ** 2, 0) / (steps.length - 1);
  const error = Math.sqrt(variance / steps.length);
  if (slope === 0 || along < MOST_ONE_WAY) return { slope, sureness: 0 };
  return { slope, sureness: error === 0 ? Number.POSITIVE_INFINITY : Math.abs(slope) / error };
}

/** A drift in words: its slope, since when, and when it reaches the limit that it goes to. */
export function tellDrift(
  { perRow, rows, level }: DriftFound,
  { name, unit }: ChannelFormat,
  [low, high]: Limits,
  rowSeconds: number,
): string {
  const value = (size: number) => `${Number(size.toPrecision(3))} ${unit}`.trim();
  const [seconds, per] =
    rowSeconds * rows > 2 * DAY_SECONDS ? [DAY_SECONDS, 'a day'] : [HOUR_SECONDS, 'an hour'];
  const way = perRow > 0 ? 'rises' : 'falls';
  const slope = value((Math.abs(perRow) * seconds) / rowSeconds);
  const limit = perRow > 0 ? high : low;
  const reached = Number.isFinite(limit)
    ? `; it reaches ${value(limit)} in about ${span(((limit - level) / perRow) * rowSeconds)}`
    : '';
  return `${name} drifts: it ${way} by ${slope} ${per}, seen over ${span(rows * rowSeconds)}, now ${value(level)}${reached}`;
}

import type { ChannelFormat } from '../../core/signal/frame.js';

/** What a channel is, by what it did while it was learnt and by its name and unit. */
export type ChannelKind =
  /** A quantity with a level. */
  | 'measure'
  /** A total that only rises, as of a meter: how much it rises in a row is what is watched. */
  | 'counter'
  /** A truth, a switch, a mode: its values have no order, and each is one that was seen or one that was not. */
  | 'category';

/** Rises that make a total of whole numbers, and of what is called or measured as one. */
const WHOLE_RISES = 50;
const NAMED_RISES = 10;
/** A total below this share of what it was has begun anew: its meter was changed or went over its last digit. */
const RESET_SHARE = 0.5;
/** Values that a category may have. */
export const MOST_STATES = 16;

const COUNTER_UNIT = /^([kmg]?wh|[kmg]?vah|[kmg]?varh|m³|m3|ft³|ft3|gal|pulses?|counts?|imp)$/i;
const COUNTER_NAME = /total|count|energy|cumul|odometer|pulse|uptime/i;
const CATEGORY_NAME = /mode|state|status|code|phase|switch|valve|door|contact|alarm|relay|error/i;

/** @param raw values in order of time; NaN is passed over. */
export function kindOf(raw: Float64Array, { name, unit }: ChannelFormat): ChannelKind {
  const { rises, falls, isWhole, states } = movesOf(raw);
  if (falls === 0) {
    const isNamed = COUNTER_UNIT.test(unit.trim()) || COUNTER_NAME.test(name);
    if (rises >= (isNamed ? NAMED_RISES : WHOLE_RISES) && (isNamed || isWhole)) return 'counter';
  }
  if (states === null || !isWhole) return 'measure';
  const isTruth = states.length === 2 && states.includes(0) && states.includes(1);
  const isNamed = unit.trim() === '' && CATEGORY_NAME.test(name) && states.length > 1;
  return isTruth || isNamed ? 'category' : 'measure';
}

function movesOf(raw: Float64Array) {
  const states = new Set<number>();
  let rises = 0;
  let falls = 0;
  let isWhole = true;
  let last = Number.NaN;
  for (const value of raw) {
    if (Number.isNaN(value)) continue;
    if (value > last) rises += 1;
    if (value < last && value >= RESET_SHARE * last) falls += 1;
    if (!Number.isInteger(value)) isWhole = false;
    if (states.size <= MOST_STATES) states.add(value);
    last = value;
  }
  return { rises, falls, isWhole, states: states.size > MOST_STATES ? null : [...states] };
}

/** The values that a category had, lowest first. */
export function statesOf(raw: Float64Array): readonly number[] {
  return [...new Set(raw.filter((value) => !Number.isNaN(value)))]
    .sort((a, b) => a - b)
    .slice(0, MOST_STATES);
}

/** Puts in place of a counter's total how much it rose. Works in place, row by row. */
export class Rises {
  readonly #last: Float64Array;

  /** Places of the counters. */
  readonly counters: readonly number[];

  constructor(readonly kinds: readonly ChannelKind[]) {
    this.counters = kinds.flatMap((kind, c) => (kind === 'counter' ? [c] : []));
    this.#last = new Float64Array(kinds.length).fill(Number.NaN);
  }

  /** Changes the counters of a row; missing where the total, or the one before, is. */
  apply(row: Float64Array): void {
    for (const c of this.counters) {
      const total = row[c] as number;
      const last = this.#last[c] as number;
      this.#last[c] = total;
      row[c] = total < RESET_SHARE * last ? Number.NaN : total - last;
    }
  }

  reset(): void {
    this.#last.fill(Number.NaN);
  }
}

/** A copy of interleaved rows of `features` values with the rises of counters in place of their totals. */
export function withRises(rows: Float64Array, features: number, kinds: readonly ChannelKind[]): Float64Array {
  const watched = rows.slice();
  if (!kinds.includes('counter')) return watched;
  const rises = new Rises(kinds);
  for (let at = 0; at < watched.length; at += features) rises.apply(watched.subarray(at, at + features));
  return watched;
}

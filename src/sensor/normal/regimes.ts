import { quantileOfSorted, sortedOf } from '../../core/quantile.js';
import { patienceOf } from './runs.js';

/** Parts of the range of a channel in which its values are counted. */
const PARTS = 24;
/** A part with no larger share of the values is passed through, not stayed in. */
const RARE_SHARE = 0.005;
/** Such parts on end that keep two regimes apart. */
const LEAST_PARTS = 5;
/** Share of the values that a regime has at least. */
const LEAST_SHARE = 0.1;
/** How often it has to be switched before anything is known of how long that takes. */
const LEAST_SWITCHES = 4;
/** Rows of a stay that one row outside takes away. */
const ROWS_OUTSIDE = 5;
/** A stay is counted so many rows beyond what is usual, and one that was told holds until it is so many below. */
export const SLACK_ROWS = 20;
/** Shares of the values below and above which they count as stray. */
const STRAY_SHARE = 0.01;

/** Values between two regimes, in which a channel never stays. */
export interface RegimeGap {
  readonly low: number;
  readonly high: number;
  /** Rows that it may take to pass through. */
  readonly rows: number;
}

/** What is known of the regimes of a channel. */
export interface Regimes {
  /** Where nearly all its values lay; null while none came. */
  readonly span: readonly [low: number, high: number] | null;
  readonly gaps: readonly RegimeGap[];
}

export const NO_REGIMES: Regimes = { span: null, gaps: [] };

/**
 * The gaps between the regimes that a channel switches between, as a machine that is on or off, or has set points.
 * @param raw values in order of time; NaN is passed over.
 * @param known what was known before: where it then was, a gap is none, and one in which it now stayed is closed.
 */
export function regimesOf(raw: Float64Array, known: Regimes = NO_REGIMES): Regimes {
  const sorted = sortedOf(raw.filter((value) => !Number.isNaN(value)));
  if (sorted.length === 0) return known;
  const low = quantileOfSorted(sorted, STRAY_SHARE);
  const high = quantileOfSorted(sorted, 1 - STRAY_SHARE);
  const kept = known.gaps.filter((gap) => Math.max(0, ...staysIn(raw, gap)) <= gap.rows);
  const found = gapsIn(raw, sorted, low, high).filter((gap) => isBeyond(gap, known.span));
  const span = known.span ?? [low, high];
  return { span: [Math.min(span[0], low), Math.max(span[1], high)], gaps: [...kept, ...found] };
}

/** Rows that a channel has stayed in a gap after one more: a row outside, which may be noise, takes several away. */
export function stayedFor(rows: number, isInside: boolean): number {
  return isInside ? rows + 1 : Math.max(0, rows - ROWS_OUTSIDE);
}

/** Whether a value lies in a gap. */
export function isWithin(value: number, { low, high }: RegimeGap): boolean {
  return value > low && value < high;
}

function isBeyond({ low, high }: RegimeGap, span: Regimes['span']): boolean {
  return span === null || low >= span[1] || high <= span[0];
}

function gapsIn(raw: Float64Array, sorted: Float64Array, low: number, high: number): readonly RegimeGap[] {
  const width = (high - low) / PARTS;
  if (!(width > 0)) return [];
  const counts = new Float64Array(PARTS);
  for (const value of sorted) {
    const part = Math.min(PARTS - 1, Math.max(0, Math.floor((value - low) / width)));
    counts[part] = (counts[part] as number) + 1;
  }
  const gaps: RegimeGap[] = [];
  let below = 0;
  let passed = 0;
  for (let part = 0; part < PARTS; part++) {
    const count = counts[part] as number;
    if (count <= RARE_SHARE * sorted.length) {
      passed += 1;
      continue;
    }
    const least = LEAST_SHARE * sorted.length;
    if (passed >= LEAST_PARTS && below >= least && sorted.length - below >= least)
      // Its outermost parts are the regimes' own.
      gaps.push({ low: low + (part - passed + 1) * width, high: low + (part - 1) * width, rows: 0 });
    passed = 0;
    below += count;
  }
  return gaps
    .filter((gap) => switchesOver(raw, gap) >= LEAST_SWITCHES)
    .map((gap) => ({ ...gap, rows: patienceOf(staysIn(raw, gap), raw.length) }));
}

function switchesOver(raw: Float64Array, { low, high }: RegimeGap): number {
  let switches = 0;
  let side = 0;
  for (const value of raw) {
    const now = value <= low ? -1 : value >= high ? 1 : side;
    if (side !== 0 && now !== side) switches += 1;
    side = now;
  }
  return switches;
}

/** How many rows it stayed in a gap, each time. */
function staysIn(raw: Float64Array, gap: RegimeGap): readonly number[] {
  const stays: number[] = [];
  let rows = 0;
  let longest = 0;
  for (const value of raw) {
    if (Number.isNaN(value)) continue;
    rows = stayedFor(rows, isWithin(value, gap));
    if (rows > longest) longest = rows;
    if (rows > 0 || longest === 0) continue;
    stays.push(longest);
    longest = 0;
  }
  if (longest > 0) stays.push(longest);
  return stays;
}

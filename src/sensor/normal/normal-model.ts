import { CatnapError } from '../../core/errors.js';
import { median } from '../../core/quantile.js';
import type { ChannelFormat } from '../../core/signal/frame.js';
import { type ChannelKind, kindOf, MOST_STATES, statesOf, withRises } from './kinds.js';
import { NO_REGIMES, type Regimes, regimesOf } from './regimes.js';
import { repeatsIn } from './repeats.js';
import { ANY_ROUGHNESS, type RoughnessRange, roughnessOf } from './roughness.js';
import { MIN_RUN_ROWS, patienceOf, RUN_FACTOR, runsOf } from './runs.js';
import { effectiveSamples, semivariance } from './statistics.js';

/** How one channel behaves while nothing is wrong. Variances are of the smoothed channel. */
export interface ChannelModel {
  readonly kind: ChannelKind;
  /** Middle of the learnt values. */
  readonly centre: number;
  /** Variance around its level. */
  readonly noiseVariance: number;
  /** Variance its level gains with every row that passes: its drift. */
  readonly driftVariance: number;
  /**
   * Degrees of freedom of what is known about it. A channel that hardly moved on its own time scale while it was
   * learnt (room temperature) has few, and has to move far before that means anything.
   */
  readonly dof: number;
  /** Rows that the very same value may repeat before the sensor counts as stuck. */
  readonly stuckRows: number;
  /** Rows that may be missing before the sensor counts as silent. */
  readonly missingRows: number;
  /** Changes that may come in the order in which they came before until the channel counts as repeating itself. */
  readonly repeatChanges: number;
  /** How rough it was. */
  readonly roughness: RoughnessRange;
  /** Values that a category had; empty of the other kinds. */
  readonly states: readonly number[];
  /** Between which regimes it switches; of the others none. */
  readonly regimes: Regimes;
}

/** What is normal for one signal. Serialisable. */
export interface NormalModel {
  readonly learntRows: number;
  readonly channels: readonly ChannelModel[];
  /** Smoothed values at the end of learning. */
  readonly smoothed: readonly number[];
  /** Level of each channel at the end of learning. */
  readonly baseline: readonly number[];
}

/** Rows of the exponential smoothing that every score rests on. */
export const SMOOTHING_ROWS = 8;
/** Rows of memory of the level that the smoothed value is compared with. */
export const BASELINE_ROWS = 60;
/** Rows of drift that a level is allowed in an absence of which nobody knows how long it was. */
export const AWAY_ROWS = 600;
/** Fewer rows than this teach nothing. */
export const MIN_LEARN_ROWS = 60;

/** Lags, in rows, of the variogram that noise and drift are read from. */
const LAGS = [20, 30, 40, 60, 80] as const;
/** Only half of what the autocorrelation suggests is taken for known: the learnt stretch is short. */
const DOF_SHARE = 0.5;
/**
 * Rows that one independent estimate of a smoothed channel's variance takes: two lags' worth. With it the stated
 * false alarm rate holds however short the learning was.
 */
const VARIANCE_ROWS = 2 * SMOOTHING_ROWS;
/** Least and most roughness move by this factor at most in a stretch that is learnt from later. */
const MOST_ROUGHER = Math.SQRT2;
/** More rows than there are: a channel that never gave a value is not silent before it has spoken. */
const NEVER = 1e12;
/** With a larger share of its changes repeated while it was learnt, a channel repeats itself by nature. */
const MOST_REPEATED = 0.25;
/** Relative resolution below which nothing is believed to be a change. */
const RESOLUTION = 1e-4;

/**
 * Learns what is normal from rows without labels.
 *
 * Each channel is a local level model (Harvey, "Forecasting, Structural Time Series Models and the Kalman Filter",
 * 1989): noise around a level that drifts. Both variances are read from the variogram of the exponentially
 * smoothed channel, so that jumps while learning do not hide faults later.
 *
 * @param rows Interleaved, `rows[i * channels + c]`; NaN where a value is missing.
 * @param titles Name and unit of the channels that may be counters or categories, the first ones.
 * @param known What was learnt before, which says what the channels are.
 * @throws CatnapError `STATE_INVALID` for fewer than {@link MIN_LEARN_ROWS} rows.
 */
export function learnNormal(
  rows: Float64Array,
  channels: number,
  titles: readonly ChannelFormat[] = [],
  known: NormalModel | null = null,
): NormalModel {
  const count = Math.floor(rows.length / channels);
  if (count < MIN_LEARN_ROWS) {
    throw new CatnapError(
      'STATE_INVALID',
      `normal: expected at least ${MIN_LEARN_ROWS} rows to learn from, found ${count}`,
    );
  }
  const kinds = kindsIn(rows, channels, titles, known);
  const watched = withRises(rows, channels, kinds);
  const models: ChannelModel[] = [];
  const smoothed: number[] = [];
  const baseline: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    const raw = channelOf(watched, channels, channel);
    const learnt = learnChannel(raw, kinds[channel] ?? 'measure', known?.channels[channel]?.regimes);
    models.push(learnt.model);
    smoothed.push(learnt.smooth.at(-1) ?? 0);
    baseline.push(median(learnt.smooth.subarray(-BASELINE_ROWS)));
  }
  return { learntRows: count, channels: models, smoothed, baseline };
}

function kindsIn(
  rows: Float64Array,
  channels: number,
  titles: readonly ChannelFormat[],
  known: NormalModel | null,
): readonly ChannelKind[] {
  return Array.from({ length: channels }, (_, c) => {
    const title = titles[c];
    const before = known?.channels[c];
    if (before !== undefined && isHeard(before) && !isConstant(before)) return before.kind;
    return title === undefined ? 'measure' : kindOf(channelOf(rows, channels, c), title);
  });
}

/** Rows that older knowledge counts for at most, in lengths of the newer stretch. */
const MEMORY = 4;

/** Puts a newer stretch of normal running together with what was known before, weighted by their rows. */
export function mergeNormal(known: NormalModel, newer: NormalModel): NormalModel {
  const knownRows = Math.min(known.learntRows, MEMORY * newer.learntRows);
  const share = newer.learntRows / (knownRows + newer.learntRows);
  const mix = (before: number, after: number) => before + (after - before) * share;
  const rows = knownRows + newer.learntRows;
  const channels = known.channels.map((before, c): ChannelModel => {
    const after = newer.channels[c] ?? before;
    if (!isHeard(before) || before.kind !== after.kind) return after;
    if (!isHeard(after)) return before;
    return {
      kind: before.kind,
      centre: mix(before.centre, after.centre),
      noiseVariance: mix(before.noiseVariance, after.noiseVariance),
      driftVariance: mix(before.driftVariance, after.driftVariance),
      dof: (before.dof * knownRows) / known.learntRows + after.dof,
      stuckRows: longer(before.stuckRows, after.stuckRows),
      missingRows: longer(before.missingRows, after.missingRows),
      repeatChanges: Math.max(before.repeatChanges, after.repeatChanges),
      roughness: wider(before.roughness, after.roughness),
      states: [...new Set([...before.states, ...after.states])].slice(0, MOST_STATES),
      regimes: after.regimes,
    };
  });
  return { learntRows: rows, channels, smoothed: newer.smoothed, baseline: newer.baseline };
}

/** Runs that are longer than any before may have been a sensor that was stuck: a stretch doubles them at most. */
function longer(before: number, after: number): number {
  return Math.max(before, Math.min(after, 2 * before));
}

function wider(before: RoughnessRange, after: RoughnessRange): RoughnessRange {
  if (before[1] === ANY_ROUGHNESS[1]) return after;
  const least = Math.min(before[0], Math.max(after[0], before[0] / MOST_ROUGHER));
  return [least, Math.max(before[1], Math.min(after[1], before[1] * MOST_ROUGHER))];
}

/** Whether anything is known of a channel: one that has not begun yet is not watched. */
export function isHeard({ missingRows }: ChannelModel): boolean {
  return missingRows < NEVER;
}

/** Whether a channel has a level that may shift: the values of a category have no order. */
export function hasLevel(model: ChannelModel): boolean {
  return isHeard(model) && model.kind !== 'category';
}

/** Whether the values of a channel have an order: those of more than two states have none. */
export function hasOrder(model: ChannelModel | undefined): boolean {
  return model === undefined || model.states.length <= 2;
}

/** Whether a channel never moved while it was learnt: of what kind it is shows only once it moves. */
function isConstant({ roughness: [, most] }: ChannelModel): boolean {
  return most === 0;
}

/** A channel that repeats itself while it is learnt may go on doing so. */
function repeatsOf(raw: Float64Array): number {
  const { longest, changes } = repeatsIn(raw);
  return longest > MOST_REPEATED * changes ? NEVER : Math.max(MIN_RUN_ROWS, RUN_FACTOR * longest);
}

/** The same, but that channels may stay between regimes where they do so now. */
export function acceptRegimes(normal: NormalModel, isBetween: (channel: number) => boolean): NormalModel {
  const channels = normal.channels.map((channel, c) =>
    isBetween(c) ? { ...channel, regimes: { ...channel.regimes, gaps: [] } } : channel,
  );
  return { ...normal, channels };
}

/** What each feature is. */
export function kindsOf({ channels }: NormalModel): readonly ChannelKind[] {
  return channels.map(({ kind }) => kind);
}

function learnChannel(
  raw: Float64Array,
  kind: ChannelKind,
  regimes: Regimes | undefined,
): { readonly model: ChannelModel; readonly smooth: Float64Array } {
  const runs = runsOf(raw.subarray(Math.max(0, firstValue(raw))));
  const filled = fillMissing(begun(raw));
  const centre = median(filled);
  const smooth = smoothed(filled, centre);
  const { noiseVariance, driftVariance } = fitVariogram(smooth);
  const half = filled.length >> 1;
  // A single step while learning makes a noisy channel look slow; one of the halves is without it.
  const known = Math.max(
    effectiveSamples(filled),
    effectiveSamples(filled.subarray(0, half)),
    effectiveSamples(filled.subarray(half)),
  );
  const resolution = (RESOLUTION * Math.abs(centre) + Number.EPSILON) ** 2;
  return {
    smooth,
    model: {
      kind,
      centre,
      noiseVariance: Math.max(noiseVariance, resolution),
      driftVariance,
      dof: 1 / (1 / (Math.max(1, known - 1) * DOF_SHARE) + VARIANCE_ROWS / filled.length),
      stuckRows: patienceOf(runs.same, raw.length),
      missingRows: firstValue(raw) < 0 ? NEVER : patienceOf(runs.missing, raw.length),
      repeatChanges: repeatsOf(raw),
      roughness: roughnessOf(raw),
      states: kind === 'category' ? statesOf(raw) : [],
      regimes: kind === 'measure' ? regimesOf(raw, regimes) : NO_REGIMES,
    },
  };
}

/** Fits `noise + drift * lag / 2` to the variogram, weighted towards the short lags, which are known best. */
function fitVariogram(smooth: Float64Array): { noiseVariance: number; driftVariance: number } {
  const lags = LAGS.filter((lag) => lag <= smooth.length / 3);
  let weights = 0;
  let x = 0;
  let y = 0;
  let xx = 0;
  let xy = 0;
  let shortest = 0;
  for (const lag of lags) {
    const half = semivariance(smooth, lag, 2 * SMOOTHING_ROWS);
    if (shortest === 0) shortest = half;
    const weight = 1 / lag;
    weights += weight;
    x += weight * lag;
    y += weight * half;
    xx += weight * lag * lag;
    xy += weight * lag * half;
  }
  const spread = weights * xx - x * x;
  const slope = spread > 0 ? Math.max(0, (weights * xy - x * y) / spread) : 0;
  const noise = (y - slope * x) / weights;
  return { noiseVariance: Math.max(noise, shortest / 2), driftVariance: 2 * slope };
}

function channelOf(rows: Float64Array, channels: number, channel: number): Float64Array {
  const values = new Float64Array(Math.floor(rows.length / channels));
  for (let i = 0; i < values.length; i++) values[i] = rows[i * channels + channel] as number;
  return values;
}

/** From the first value on: a channel that began late was not constant before; all of one that has none. */
function begun(raw: Float64Array): Float64Array {
  const first = firstValue(raw);
  return raw.length - first < MIN_LEARN_ROWS || first < 0 ? raw : raw.subarray(first);
}

function firstValue(raw: Float64Array): number {
  return raw.findIndex((value) => !Number.isNaN(value));
}

/** Missing values take the one before; the first ones the middle. */
function fillMissing(raw: Float64Array): Float64Array {
  const filled = new Float64Array(raw.length);
  let last = median(raw);
  if (Number.isNaN(last)) last = 0;
  for (let i = 0; i < raw.length; i++) {
    const value = raw[i] as number;
    if (!Number.isNaN(value)) last = value;
    filled[i] = last;
  }
  return filled;
}

function smoothed(values: Float64Array, start: number): Float64Array {
  const smooth = new Float64Array(values.length);
  let level = start;
  for (let i = 0; i < values.length; i++) {
    level += ((values[i] as number) - level) / SMOOTHING_ROWS;
    smooth[i] = level;
  }
  return smooth;
}

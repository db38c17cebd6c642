import type { Contribution, Window } from '../../core/cascade/stage.js';
import { median, quantile } from '../../core/quantile.js';
import type { ChannelFormat } from '../../core/signal/frame.js';

/** How one channel was in the window around a fault, and how it is when nothing is wrong. */
export interface ChannelSummary {
  readonly name: string;
  readonly unit: string;
  /** Its part in the fault, 0 to 1. */
  readonly share: number;
  /** Middle of what was learnt; null while nothing was. */
  readonly normal: number | null;
  readonly before: number | null;
  readonly now: number | null;
  readonly min: number | null;
  readonly max: number | null;
  /** Samples that were missing. */
  readonly missing: number;
  /** The window in a few characters, where the configuration asks for it. */
  readonly plot?: string;
}

/** What leaves the device about a sensor fault: figures, and the samples themselves only where they are asked for. */
export interface SensorSummary {
  readonly rateHz: number;
  readonly startSample: number;
  readonly seconds: number;
  readonly channels: readonly ChannelSummary[];
  /** The newest samples of each channel, by its name; only where the configuration asks for raw data. */
  readonly samples?: Readonly<Record<string, readonly (number | null)[]>>;
}

export interface SummaryContext {
  readonly channels: readonly ChannelFormat[];
  readonly normals: readonly (number | null)[];
  readonly contributions: readonly Contribution[];
  /** Characters of the plot; 0 for none. */
  readonly plotWidth: number;
}

const MOST_CHANNELS = 8;
const DIGITS = 5;
/** The first and last part of the window that stand for before and now. */
const PART = 0.2;
const BARS = '▁▂▃▄▅▆▇█';

/** Describes a window around a fault, the channels that explain it first. Pure. */
export function summariseWindow(window: Window, context: SummaryContext): SensorSummary {
  const samples = Math.floor(window.data.length / window.channels);
  const shares = new Map(context.contributions.map(({ channel, share }) => [channel, share]));
  const channels = context.channels
    .map(({ name, unit }, index): ChannelSummary => {
      const series = Float64Array.from(
        { length: samples },
        (_, i) => window.data[i * window.channels + index] as number,
      );
      return {
        name,
        unit,
        share: rounded(shares.get(name) ?? 0) ?? 0,
        normal: rounded(context.normals[index] ?? Number.NaN),
        ...figures(series),
        ...(context.plotWidth > 0 ? { plot: plotOf(series, context.plotWidth) } : {}),
      };
    })
    .sort((a, b) => b.share - a.share)
    .slice(0, MOST_CHANNELS);
  const { rateHz, startSample } = window;
  return { rateHz, startSample, seconds: rounded(samples / rateHz) ?? 0, channels };
}

/** The newest `samples` of every channel. */
export function newestSamples(
  { data, channels: count }: Window,
  channels: readonly { readonly name: string }[],
  samples: number,
): NonNullable<SensorSummary['samples']> {
  const newest = data.subarray(-samples * count);
  return Object.fromEntries(
    channels.map(({ name }, c) => [
      name,
      Array.from({ length: newest.length / count }, (_, i) => rounded(newest[i * count + c] as number)),
    ]),
  );
}

function figures(series: Float64Array) {
  const part = Math.max(1, Math.floor(series.length * PART));
  const there = series.filter((value) => Number.isFinite(value));
  return {
    before: rounded(median(series.subarray(0, part))),
    now: rounded(median(series.subarray(-part))),
    min: rounded(quantile(there, 0)),
    max: rounded(quantile(there, 1)),
    missing: series.length - there.length,
  };
}

/** A line of block characters from the lowest to the highest value; a space where all are missing. */
function plotOf(series: Float64Array, width: number): string {
  const there = series.filter((value) => Number.isFinite(value));
  const low = quantile(there, 0);
  const span = quantile(there, 1) - low || 1;
  let plot = '';
  for (let i = 0; i < width; i++) {
    const from = Math.floor((i * series.length) / width);
    const to = Math.max(from + 1, Math.floor(((i + 1) * series.length) / width));
    const middle = median(series.subarray(from, to));
    const bar = Math.min(BARS.length - 1, Math.floor(((middle - low) / span) * BARS.length));
    plot += Number.isNaN(middle) ? ' ' : (BARS[bar] ?? ' ');
  }
  return plot;
}

function rounded(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(DIGITS)) : null;
}

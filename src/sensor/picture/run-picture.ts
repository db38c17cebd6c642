import type { ChannelFormat } from '../../core/signal/frame.js';
import { frame, line, type Panel, type Point, picture, stretch, text } from './svg.js';

const WIDTH = 1000;
const LEFT = 80;
const PANEL_WIDTH = 890;
/** One channel has room for what several share. */
const PANEL_HEIGHT = 100;
const TALL_HEIGHT = 240;
const BETWEEN = 40;
const MARK_HEIGHT = 6;
/** Rows are put together so that a line has no more points than this; of each group the lowest and highest. */
const MOST_GROUPS = 890;

/** A stretch of rows, the last one excluded. */
export interface Stretch {
  readonly fromRow: number;
  readonly toRow: number;
}

/** What came of a recording. */
export interface RunRows {
  readonly name: string;
  readonly channels: readonly ChannelFormat[];
  readonly rowSeconds: number;
  /** Milliseconds since the epoch of row 0, where that is known. */
  readonly startMs: number | undefined;
  readonly rows: number;
  /** Of each channel one value a row; NaN where it is missing. */
  readonly values: readonly ArrayLike<number>[];
  /** The same of what was expected; NaN while it was learnt. */
  readonly expected: readonly ArrayLike<number>[];
  readonly alarms: readonly Stretch[];
  /** What somebody said was wrong; empty where nobody did. */
  readonly labels: readonly Stretch[];
}

/** A picture of a run: each channel with what was expected of it, alarms in red, labels as a green line above. SVG. */
export function runPicture(run: RunRows): string {
  const panelHeight = run.channels.length === 1 ? TALL_HEIGHT : PANEL_HEIGHT;
  const step = panelHeight + BETWEEN;
  const height = 66 + run.channels.length * step + 10;
  const labelled = run.labels.length === 0 ? '' : ', green: what was labelled';
  const head = [
    text(16, 22, run.name, 'title'),
    text(
      16,
      42,
      `blue: the signal, orange: what was expected, red: alarms (${run.alarms.length})${labelled}`,
      'quiet',
    ),
  ];
  const panels = run.channels.map((channel, c) => panelOf(run, channel, c, 66 + c * step, panelHeight));
  return picture(WIDTH, height, [...head, ...panels]);
}

function panelOf(
  run: RunRows,
  { name, unit }: ChannelFormat,
  c: number,
  top: number,
  height: number,
): string {
  const values = run.values[c] as ArrayLike<number>;
  const expected = run.expected[c] as ArrayLike<number>;
  const [low, high] = rangeOf(values);
  const sides = { left: LEFT, top: top + 8, width: PANEL_WIDTH, height };
  const panel: Panel = { ...sides, from: 0, to: Math.max(1, run.rows), low, high };
  const below = panel.top + height + 14;
  return [
    text(LEFT, top + 2, unit === '' ? name : `${name} (${unit})`),
    frame(panel, (value) => String(Number(value.toPrecision(4)))),
    ...run.alarms.map(({ fromRow, toRow }) => stretch(panel, fromRow, toRow, 'alarm')),
    line(panel, drawn(values), 'signal'),
    line(panel, drawn(expected), 'expected'),
    ...run.labels.map(({ fromRow, toRow }) =>
      stretch(panel, fromRow, toRow, 'label', { height: MARK_HEIGHT }),
    ),
    ...run.alarms.map(({ fromRow, toRow }) =>
      stretch(panel, fromRow, toRow, 'mark', { height: MARK_HEIGHT, isBottom: true }),
    ),
    text(LEFT, below, momentOf(run, 0), 'quiet'),
    text(LEFT + PANEL_WIDTH / 2, below, momentOf(run, run.rows / 2), 'quiet', 'middle'),
    text(LEFT + PANEL_WIDTH, below, momentOf(run, run.rows), 'quiet', 'end'),
  ].join('\n');
}

function momentOf({ startMs, rowSeconds }: RunRows, row: number): string {
  if (startMs === undefined) return `row ${Math.round(row)}`;
  return new Date(startMs + row * rowSeconds * 1000).toISOString().slice(0, 16).replace('T', ' ');
}

function rangeOf(values: ArrayLike<number>): readonly [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < values.length; row++) {
    const value = values[row] as number;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  if (low > high) return [0, 1];
  return low === high ? [low - 1, high + 1] : [low, high];
}

/** The points of a line, of each group of rows the lowest and the highest in their order. */
function drawn(values: ArrayLike<number>): readonly Point[] {
  const size = Math.max(1, Math.ceil(values.length / MOST_GROUPS));
  const points: Point[] = [];
  for (let from = 0; from < values.length; from += size) {
    let low = from;
    let high = from;
    for (let row = from; row < Math.min(from + size, values.length); row++) {
      const value = values[row] as number;
      if (!(value >= (values[low] as number))) low = Number.isNaN(value) ? low : row;
      if (!(value <= (values[high] as number))) high = Number.isNaN(value) ? high : row;
    }
    for (const row of low < high ? [low, high] : high < low ? [high, low] : [low])
      points.push([row, values[row] as number]);
  }
  return points;
}

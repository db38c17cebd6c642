import uPlot from 'uplot';
import type { Thresholds } from '../../../core/thresholds.js';
import { type LevelWindow, secondsShown, wallMsAt } from '../model/levels.js';
import type { Tone } from '../model/words.js';
import { type Palette, palette } from './palette.js';

/** A detection's place on a chart. */
export interface Marker {
  readonly timeS: number;
  readonly tone: Tone;
  /** How long it lasted, where it lasts; null for its end while it goes on. */
  readonly span: { readonly fromS: number; readonly toS: number | null } | null;
}

/** What a chart asks its owner for each time it draws. */
export interface ChartContext {
  readonly window: () => LevelWindow;
  readonly markers: () => readonly Marker[];
  readonly thresholds: () => Thresholds | null;
  /** Channels, by index, that explain what goes on now. */
  readonly explaining: () => ReadonlySet<number>;
}

/** A chart on the page that is drawn anew from its window on demand. */
export interface LiveChart {
  draw(): void;
  resize(widthPx: number): void;
  destroy(): void;
}

const AXIS_FONT = '11px system-ui, sans-serif';
const AXIS_WIDTH_PX = 40;
/** Half of `10:17:04`. */
const LABEL_HALF_PX = 24;
const LANE_HEIGHT_PX = 34;
/** Air at both sides, so that the labels of time are not cut where there is no scale. */
const BARE_PADDING: [number, number, number, number] = [4, 16, 0, 16];

/** Level of the signal over the gate's floor, shaded where the gate is open. */
export function levelChart(parent: HTMLElement, context: ChartContext): LiveChart {
  const colours = palette();
  const shade = (plot: uPlot): void => shadeOpenGate(plot, context.window(), colours);
  const plot = new uPlot(
    {
      ...frame(parent, 108),
      scales: { x: xScale(context), y: { range: (_plot, min, max) => levelRange(min, max) } },
      axes: [hiddenAxis(), valueAxis(colours, (value) => `${value}`)],
      series: [
        {},
        {
          stroke: colours.level,
          fill: colours.levelFill,
          fillTo: (self) => self.scales.y?.min ?? -100,
          width: 1.5,
          points: { show: false },
        },
        { stroke: colours.floor, width: 1.25, dash: [4, 4], points: { show: false } },
      ],
      hooks: {
        drawClear: [shade],
        draw: [(self) => drawMarkers(self, context.markers(), colours)],
        setCursor: [
          readout(parent, context, (index) => {
            const { levelDb, floorDb } = context.window();
            return `level ${shown(levelDb[index], 1, ' dB')}, usual noise ${shown(floorDb[index], 1, ' dB')}`;
          }),
        ],
      },
    },
    [[], [], []],
    parent,
  );
  return live(plot, () => {
    const { timeS, levelDb, floorDb } = context.window();
    return [timeS, levelDb, floorDb];
  });
}

/**
 * Tiny's confidence against its two thresholds, with the detections marked. `bare` leaves the scale out, so that time
 * stands under a {@link laneChart}'s.
 */
export function scoreChart(parent: HTMLElement, context: ChartContext, bare: boolean): LiveChart {
  const colours = palette();
  const plot = new uPlot(
    {
      ...frame(parent, 96),
      ...(bare ? { padding: BARE_PADDING } : {}),
      scales: { x: xScale(context), y: { range: [0, 1.04] } },
      axes: [
        timeAxis(context, colours),
        bare
          ? hiddenAxis()
          : valueAxis(
              colours,
              (value) => value.toFixed(1),
              () => [0, 0.5, 1],
            ),
      ],
      series: [
        {},
        {
          stroke: colours.score,
          fill: colours.scoreFill,
          fillTo: 0,
          width: 1.5,
          points: { show: false },
          spanGaps: false,
        },
      ],
      hooks: {
        drawClear: [
          (self) => drawThresholds(self, context.thresholds(), colours),
          (self) => drawSpans(self, context.markers(), colours),
        ],
        draw: [(self) => drawMarkers(self, context.markers(), colours)],
        setCursor: [readout(parent, context, (index) => shown(context.window().confidence[index], 2))],
      },
    },
    [[], []],
    parent,
  );
  return live(plot, () => {
    const { timeS, confidence } = context.window();
    return [timeS, confidence.map((value) => value ?? 0)];
  });
}

/** Every channel of a sensor in a lane of its own, each on its own scale. */
export function laneChart(parent: HTMLElement, channels: number, context: ChartContext): LiveChart {
  const colours = palette();
  const plot = new uPlot(
    {
      ...frame(parent, channels * LANE_HEIGHT_PX),
      padding: BARE_PADDING,
      scales: { x: xScale(context), y: { range: [0, channels] } },
      axes: [hiddenAxis(), { show: false }],
      series: [
        {},
        ...Array.from({ length: channels }, (_, channel) => ({
          stroke: () =>
            context.explaining().has(channel) ? (colours.tones.bad ?? colours.ink) : colours.level,
          width: 1.25,
          points: { show: false },
        })),
      ],
      hooks: {
        drawClear: [
          (self) => drawLaneLines(self, channels, colours),
          (self) => drawSpans(self, context.markers(), colours),
        ],
        draw: [(self) => drawMarkers(self, context.markers(), colours)],
        setCursor: [
          readout(parent, context, (index) =>
            context
              .window()
              .channels.map((column) => shown(column[index], 2))
              .join(', '),
          ),
        ],
      },
    },
    [[], ...Array.from({ length: channels }, () => [])],
    parent,
  );
  return live(plot, () => {
    const { timeS, channels: columns } = context.window();
    return [
      timeS,
      ...Array.from({ length: channels }, (_, lane) => laneOf(columns[lane] ?? [], channels - 1 - lane)),
    ];
  });
}

/** Scales a column into its lane `[lane, lane + 1)`, with a little air; a constant runs through the middle. */
function laneOf(column: readonly (number | null)[], lane: number): (number | null)[] {
  const finite = column.filter((value) => value !== null);
  const min = Math.min(...finite);
  const max = Math.max(...finite);
  const span = max - min;
  return column.map((value) =>
    value === null ? null : lane + (span > 0 ? 0.14 + (0.72 * (value - min)) / span : 0.5),
  );
}

function live(plot: uPlot, data: () => uPlot.AlignedData): LiveChart {
  return {
    draw: () => plot.setData(data()),
    resize: (widthPx) => plot.setSize({ width: widthPx, height: plot.height }),
    destroy: () => plot.destroy(),
  };
}

function frame(parent: HTMLElement, height: number) {
  return {
    width: Math.max(200, parent.clientWidth),
    height,
    legend: { show: false },
    cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
    select: { show: false, left: 0, top: 0, width: 0, height: 0 },
    padding: [6, 14, 0, 0] satisfies [number, number, number, number],
  };
}

function xScale(context: ChartContext): uPlot.Scale {
  return {
    time: false,
    range: () => {
      const window = context.window();
      const newest = window.timeS.at(-1) ?? 0;
      return [newest - secondsShown(window), newest];
    },
  };
}

function levelRange(min: number | null, max: number | null): [number, number] {
  const low = Math.floor(((min ?? -80) - 3) / 10) * 10;
  return [low, Math.max(low + 30, Math.ceil(((max ?? -20) + 3) / 10) * 10)];
}

function hiddenAxis(): uPlot.Axis {
  return { show: false, size: 0 };
}

/** Wall time: what the sample clock says is nothing to who lives there. */
function timeAxis(context: ChartContext, colours: Palette): uPlot.Axis {
  return {
    stroke: colours.muted,
    font: AXIS_FONT,
    size: 24,
    gap: 4,
    space: 64,
    grid: { show: false },
    ticks: { show: false },
    values: (plot, splits) =>
      splits.map((seconds) => (isCut(plot, seconds) ? '' : wallTime(context.window(), seconds))),
  };
}

/** Whether the edge of the chart would cut a label of time; before the first sample there is none. */
function isCut(plot: uPlot, seconds: number): boolean {
  const leftPx = plot.valToPos(seconds, 'x');
  return (
    seconds < 0 ||
    leftPx < LABEL_HALF_PX - plot.bbox.left / devicePixelRatio ||
    leftPx > plot.bbox.width / devicePixelRatio - LABEL_HALF_PX
  );
}

function wallTime(window: LevelWindow, atS: number): string {
  const wallMs = wallMsAt(window, atS);
  return wallMs === null ? '' : new Date(wallMs).toLocaleTimeString('en-GB');
}

/** Writes the values under the pointer above the chart. */
function readout(parent: HTMLElement, context: ChartContext, text: (index: number) => string) {
  const line = document.createElement('p');
  line.className = 'readout';
  parent.append(line);
  return (plot: uPlot): void => {
    const index = plot.cursor.idx;
    const atS = index == null ? undefined : context.window().timeS[index];
    line.hidden = index == null || atS === undefined;
    if (index != null && atS !== undefined)
      line.textContent = `${wallTime(context.window(), atS)}  ${text(index)}`;
  };
}

function shown(value: number | null | undefined, decimals: number, unit = ''): string {
  return value === null || value === undefined ? '–' : `${value.toFixed(decimals)}${unit}`;
}

function valueAxis(colours: Palette, text: (value: number) => string, splits?: () => number[]): uPlot.Axis {
  return {
    stroke: colours.muted,
    font: AXIS_FONT,
    size: AXIS_WIDTH_PX,
    gap: 6,
    space: 28,
    grid: { stroke: colours.grid, width: 1 },
    ticks: { show: false },
    values: (_plot, values) => values.map(text),
    ...(splits === undefined ? {} : { splits }),
  };
}

function shadeOpenGate(plot: uPlot, window: LevelWindow, colours: Palette): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.fillStyle = colours.gate;
  let openS: number | null = null;
  const close = (endS: number): void => {
    if (openS === null) return;
    const left = Math.max(bbox.left, plot.valToPos(openS, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(endS, 'x', true));
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
    openS = null;
  };
  window.timeS.forEach((timeS, index) => {
    const open = window.gateOpen[index] === 1;
    if (open && openS === null) openS = Math.max(timeS - window.stepS, window.timeS[index - 1] ?? 0);
    else if (!open) close(window.timeS[index - 1] ?? timeS);
  });
  close(window.timeS.at(-1) ?? 0);
  ctx.restore();
}

function drawThresholds(plot: uPlot, thresholds: Thresholds | null, colours: Palette): void {
  if (thresholds === null) return;
  const { ctx, bbox } = plot;
  const acceptY = plot.valToPos(thresholds.accept, 'y', true);
  const rejectY = plot.valToPos(thresholds.reject, 'y', true);
  ctx.save();
  ctx.fillStyle = colours.gate;
  ctx.fillRect(bbox.left, acceptY, bbox.width, rejectY - acceptY);
  ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio]);
  ctx.lineWidth = devicePixelRatio;
  for (const [y, colour] of [
    [acceptY, colours.tones.good],
    [rejectY, colours.muted],
  ] as const) {
    ctx.strokeStyle = colour ?? colours.muted;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

/** Shades the time each lasting detection took. */
function drawSpans(plot: uPlot, markers: readonly Marker[], colours: Palette): void {
  const { ctx, bbox } = plot;
  const right = bbox.left + bbox.width;
  ctx.save();
  ctx.globalAlpha = 0.1;
  for (const { span, tone } of markers) {
    if (span === null) continue;
    const from = Math.max(bbox.left, plot.valToPos(span.fromS, 'x', true));
    const to = span.toS === null ? right : Math.min(right, plot.valToPos(span.toS, 'x', true));
    if (to <= from) continue;
    ctx.fillStyle = colours.tones[tone] ?? colours.ink;
    ctx.fillRect(from, bbox.top, to - from, bbox.height);
  }
  ctx.restore();
}

function drawMarkers(plot: uPlot, markers: readonly Marker[], colours: Palette): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = 1.5 * devicePixelRatio;
  for (const { timeS, tone } of markers) {
    const x = plot.valToPos(timeS, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const colour = colours.tones[tone] ?? colours.ink;
    ctx.strokeStyle = colour;
    ctx.fillStyle = colour;
    ctx.globalAlpha = 0.55;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.beginPath();
    ctx.arc(x, bbox.top + 3 * devicePixelRatio, 3 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
}

function drawLaneLines(plot: uPlot, channels: number, colours: Palette): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.strokeStyle = colours.grid;
  ctx.lineWidth = devicePixelRatio;
  for (let lane = 0; lane <= channels; lane++) {
    const y = Math.round(plot.valToPos(lane, 'y', true));
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
  }
  ctx.restore();
}

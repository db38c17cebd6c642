import type { Telemetry } from '../../../core/metering/telemetry.js';
import type { LevelColumns } from '../../protocol.js';

type Level = Extract<Telemetry, { type: 'level' }>;
type Column = (number | null)[];

/** Seconds of signal a chart shows. */
const WINDOW_S = 60;
/**
 * Readings it shows of a signal with no more than about two a second, such as a pump's: a minute would be too
 * little.
 */
const SLOW_READINGS = 300;
const SLOW_STEP_S = 0.4;
const READINGS_MAX = 1200;
/** Readings further apart than this are not joined by a line. */
const BREAK_S = 1.5;

/** The last minutes of a source as columns for a chart; times in seconds of the sample clock. */
export interface LevelWindow {
  readonly timeS: number[];
  /** When each reading came, by the visitor's clock, in milliseconds since the epoch. */
  readonly wallMs: number[];
  readonly levelDb: Column;
  readonly floorDb: Column;
  readonly gateOpen: Column;
  readonly confidence: Column;
  /** One column a channel. */
  readonly channels: Column[];
  /** Most time between readings so far that is not a break, for sources slower than ten a second. */
  stepS: number;
}

/** Seconds of signal a chart of this window shows. */
export function secondsShown({ stepS }: Pick<LevelWindow, 'stepS'>): number {
  return stepS < SLOW_STEP_S ? WINDOW_S : SLOW_READINGS * stepS;
}

/** When a moment of the sample clock was, by the nearest reading; null where there is none. */
export function wallMsAt(
  { timeS, wallMs }: Pick<LevelWindow, 'timeS' | 'wallMs'>,
  atS: number,
): number | null {
  const after = timeS.findIndex((each) => each >= atS);
  const index = after === -1 ? timeS.length - 1 : after;
  const [wall, at] = [wallMs[index], timeS[index]];
  return wall === undefined || at === undefined ? null : wall + (atS - at) * 1000;
}

/** An empty window. */
export function createWindow(): LevelWindow {
  return {
    timeS: [],
    wallMs: [],
    levelDb: [],
    floorDb: [],
    gateOpen: [],
    confidence: [],
    channels: [],
    stepS: 0.1,
  };
}

/** Adds a reading that came at `nowMs`; a sample clock that goes back starts the window anew. */
export function addLevel(window: LevelWindow, level: Level, nowMs: number): void {
  append(
    window,
    nowMs,
    level.atMs,
    level.levelDb,
    level.floorDb,
    level.gateOpen,
    level.confidence,
    level.values,
  );
}

/** Fills a window from a greeting that came at `nowMs`, as if its signal had been played in real time. */
export function fillWindow(window: LevelWindow, columns: LevelColumns, nowMs: number): void {
  const newestMs = columns.atMs.at(-1) ?? 0;
  columns.atMs.forEach((atMs, index) => {
    append(
      window,
      nowMs - (newestMs - atMs),
      atMs,
      columns.levelDb[index] ?? null,
      columns.floorDb[index] ?? null,
      columns.gateOpen[index] === 1,
      columns.confidence[index] ?? null,
      columns.values[index] ?? [],
    );
  });
}

function append(
  window: LevelWindow,
  wallMs: number,
  atMs: number,
  levelDb: number | null,
  floorDb: number | null,
  gateOpen: boolean,
  confidence: number | null,
  values: readonly (number | null)[],
): void {
  const timeS = atMs / 1000;
  const last = window.timeS.at(-1);
  if (last !== undefined && timeS <= last) clear(window);
  else if (last !== undefined && timeS - last > Math.max(BREAK_S, window.stepS * 4)) {
    push(window, wallMs, last + window.stepS, null, null, null, null, []);
  } else if (last !== undefined) window.stepS = Math.max(timeS - last, window.stepS * 0.9);
  push(window, wallMs, timeS, levelDb, floorDb, gateOpen ? 1 : 0, confidence, values);
  trim(window, timeS - secondsShown(window));
}

function push(
  window: LevelWindow,
  wallMs: number,
  timeS: number,
  levelDb: number | null,
  floorDb: number | null,
  gateOpen: number | null,
  confidence: number | null,
  values: readonly (number | null)[],
): void {
  const count = window.timeS.length;
  window.timeS.push(timeS);
  window.wallMs.push(wallMs);
  window.levelDb.push(levelDb);
  window.floorDb.push(floorDb);
  window.gateOpen.push(gateOpen);
  window.confidence.push(confidence);
  while (window.channels.length < values.length) window.channels.push(new Array<null>(count).fill(null));
  window.channels.forEach((channel, index) => {
    channel.push(values[index] ?? null);
  });
}

function columnsOf(window: LevelWindow): Column[] {
  const { timeS, wallMs, levelDb, floorDb, gateOpen, confidence, channels } = window;
  return [timeS, wallMs, levelDb, floorDb, gateOpen, confidence, ...channels];
}

function trim(window: LevelWindow, fromS: number): void {
  let old = Math.max(0, window.timeS.length - READINGS_MAX);
  while ((window.timeS[old] ?? Number.POSITIVE_INFINITY) < fromS) old += 1;
  if (old > 0) for (const column of columnsOf(window)) column.splice(0, old);
}

function clear(window: LevelWindow): void {
  for (const column of columnsOf(window)) column.length = 0;
  window.stepS = 0.1;
}

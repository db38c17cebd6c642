/**
 * The scoring of the Numenta Anomaly Benchmark (Lavin and Ahmad, "Evaluating real-time anomaly detection algorithms:
 * the Numenta Anomaly Benchmark", ICMLA 2015), standard profile.
 */

/** Rows `[first, last]` in which an anomaly is to be found. */
export interface NabWindow {
  readonly first: number;
  readonly last: number;
}

/** What was detected in one series. */
export interface NabSeries {
  readonly rows: number;
  readonly windows: readonly NabWindow[];
  /** Rows at which the detector fired. */
  readonly detections: readonly number[];
}

export interface NabScore {
  /** 100 for a perfect detector, 0 for one that never fires; negative where false alarms outweigh. */
  readonly score: number;
  readonly found: number;
  readonly windows: number;
  readonly falseAlarms: number;
}

/** Weights of the standard profile, section II.D. */
const TRUE_POSITIVE = 1;
const FALSE_POSITIVE = 0.11;
const FALSE_NEGATIVE = 1;
/** The first 15% of a series, at most those of 5,000 rows, are for learning and are not scored. */
const PROBATION_SHARE = 0.15;
const PROBATION_MOST_ROWS = 5000;
/** Beyond this many window lengths a false alarm counts in full. */
const FAR = 3;

/** Rows at the start of a series that are for learning. */
export function probationRows(rows: number): number {
  return Math.floor(PROBATION_SHARE * Math.min(rows, PROBATION_MOST_ROWS));
}

/** The scaled sigmoid of equation 1: 1 well before the window's end, 0 at it, -1 well after. */
function weightAt(position: number): number {
  return position > FAR ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/** Scores one detector over a corpus; windows that lie in a probation do not count. */
export function nabScore(corpus: readonly NabSeries[]): NabScore {
  let raw = 0;
  let found = 0;
  let windows = 0;
  let falseAlarms = 0;
  for (const { rows, windows: all, detections } of corpus) {
    const probation = probationRows(rows);
    const scored = all.filter(({ last }) => last >= probation);
    const best = new Map<NabWindow, number>();
    for (const row of detections) {
      if (row < probation) continue;
      const window = scored.find(({ first, last }) => row >= first && row <= last);
      if (window !== undefined) {
        best.set(window, Math.max(best.get(window) ?? 0, rewardAt(row, window)));
        continue;
      }
      falseAlarms += 1;
      raw += FALSE_POSITIVE * weightAt(lateness(row, all));
    }
    windows += scored.length;
    found += best.size;
    raw -= FALSE_NEGATIVE * (scored.length - best.size);
    for (const reward of best.values()) raw += TRUE_POSITIVE * reward;
  }
  const silent = -FALSE_NEGATIVE * windows;
  const perfect = TRUE_POSITIVE * windows;
  const score = windows === 0 ? 0 : (100 * (raw - silent)) / (perfect - silent);
  return { score, found, windows, falseAlarms };
}

/** Earlier in the window is worth more; its first row is worth 1. */
function rewardAt(row: number, { first, last }: NabWindow): number {
  const length = last - first + 1;
  return weightAt(-(last - row + 1) / length) / weightAt(-1);
}

/** How far behind the last window a row is, in lengths of that window. */
function lateness(row: number, windows: readonly NabWindow[]): number {
  const before = windows.filter(({ last }) => last < row).at(-1);
  if (before === undefined) return Number.POSITIVE_INFINITY;
  return (row - before.last) / Math.max(1, before.last - before.first);
}

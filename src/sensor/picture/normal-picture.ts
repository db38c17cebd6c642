import type { CourseState } from '../normal/course.js';
import type { ChannelKind } from '../normal/kinds.js';
import type { AnomalyState } from '../normal/state.js';
import { band, frame, line, type Panel, type Point, picture, text } from './svg.js';

const WIDTH = 760;
const LEFT = 80;
const PANEL_WIDTH = 650;
const PANEL_HEIGHT = 130;
const STEP = 190;
const DAY_HOURS = 24;
const WEEK_HOURS = 7 * DAY_HOURS;
/** From the Thursday on which the epoch began. */
const MONDAY_HOURS = 4 * DAY_HOURS;
/** What is usual reaches so many mean absolute deviations to either side. */
const USUAL_DEVIATIONS = 3;

/** What is normal for a channel at one time of its day or week. */
export interface NormalAt {
  /** Hours since midnight; in a week since that of Monday, or since the signal began where nobody knew the time. */
  readonly hour: number;
  readonly expected: number;
  readonly low: number;
  readonly high: number;
}

/** What is normal for a channel, in its own unit. */
export interface ChannelNormal {
  readonly name: string;
  readonly unit: string;
  /** Of a counter the figures are of what it rises by in a row. */
  readonly kind: ChannelKind;
  /** The values of a category; empty of the other kinds. */
  readonly states: readonly number[];
  /** The course that is believed; null: none, and the level is what is expected. */
  readonly course: 'day' | 'week' | null;
  readonly level: number;
  /** Over the day or week; without a course the level at both ends. */
  readonly times: readonly NormalAt[];
}

/** What a state says of its channels. */
export function normalOf({ shape, normal, seasons, phases }: AnomalyState): readonly ChannelNormal[] {
  return shape.channels.map(({ name, unit }, c): ChannelNormal => {
    const model = normal.channels[c];
    const { kind = 'measure', states = [] } = model ?? {};
    const level = normal.baseline[c] ?? 0;
    const season = seasons[c];
    const course = season?.course ?? null;
    const learnt = course === null ? null : (season?.[course] ?? null);
    if (course !== null && learnt !== null) {
      const hours = course === 'week' ? WEEK_HOURS : DAY_HOURS;
      const from = course === 'week' && phases !== null ? MONDAY_HOURS : 0;
      return { name, unit, kind, states, course, level, times: timesOf(learnt, hours, from) };
    }
    const off = USUAL_DEVIATIONS * Math.sqrt(model?.noiseVariance ?? 0);
    const at = (hour: number) => ({ hour, expected: level, low: level - off, high: level + off });
    return { name, unit, kind, states, course: null, level, times: [at(0), at(DAY_HOURS)] };
  });
}

function timesOf({ level, deviation, seen }: CourseState, hours: number, from: number): readonly NormalAt[] {
  const times = level.flatMap((expected, phase) => {
    if (seen[phase] === 0) return [];
    const off = USUAL_DEVIATIONS * (deviation[phase] ?? 0);
    const hour = (((phase + 0.5) * hours) / level.length - from + hours) % hours;
    return [{ hour, expected, low: expected - off, high: expected + off }];
  });
  return times.sort((a, b) => a.hour - b.hour);
}

/** A picture of what is normal for every channel at every hour, as SVG. */
export function normalPicture(source: string, state: AnomalyState): string {
  const channels = normalOf(state);
  const parts = channels.map((channel, i) => panelOf(channel, 44 + i * STEP, state.phases));
  const title = text(16, 24, `What is normal for ${source}`, 'title');
  return picture(WIDTH, 44 + channels.length * STEP, [title, ...parts]);
}

function panelOf(channel: ChannelNormal, top: number, phases: string | null): string {
  const { name, unit, kind, course, times } = channel;
  const low = Math.min(...times.map((at) => at.low));
  const high = Math.max(...times.map((at) => at.high));
  const to = course === 'week' ? WEEK_HOURS : DAY_HOURS;
  const sides = { left: LEFT, top: top + 18, width: PANEL_WIDTH, height: PANEL_HEIGHT, from: 0, to };
  const panel: Panel = { ...sides, low, high };
  const points = (pick: (at: NormalAt) => number) => times.map((at): Point => [at.hour, pick(at)]);
  return [
    text(
      LEFT,
      top + 10,
      `${name}${unit === '' ? '' : ` (${unit})`}: ${kind === 'counter' ? 'what it rises by in a row, ' : ''}${wordsOf(course, phases)}`,
    ),
    frame(panel, (value) => String(Number(value.toPrecision(4)))),
    band(
      panel,
      points((at) => at.low),
      points((at) => at.high),
      'usual',
    ),
    line(
      panel,
      points((at) => at.expected),
      'expected',
    ),
    ...hoursBelow(panel, course, phases !== null),
  ].join('\n');
}

function wordsOf(course: ChannelNormal['course'], phases: string | null): string {
  if (course === null) return 'its level now, and what noise adds; no course is believed';
  const clock = phases === null ? 'counted from the beginning of the signal' : `by the clocks of ${phases}`;
  return `by the ${course === 'day' ? 'hour of the day' : 'hour of the week'}, ${clock}`;
}

function hoursBelow(panel: Panel, course: ChannelNormal['course'], isDated: boolean): readonly string[] {
  if (course === null) return [];
  const below = panel.top + panel.height + 16;
  const marks = course === 'week' ? 7 : 8;
  return Array.from({ length: marks }, (_, i) => {
    const x = panel.left + (panel.width * (course === 'week' ? i + 0.5 : i)) / marks;
    return text(
      x,
      below,
      course === 'day' ? `${3 * i} h` : isDated ? (WEEKDAYS[i] ?? '') : `day ${i + 1}`,
      'quiet',
      'middle',
    );
  });
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

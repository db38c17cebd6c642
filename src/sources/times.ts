import { LocalTimes } from '../core/time-zone.js';

/** Seconds that a number counts in, by the unit that is named. */
export const TIME_UNITS: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  seconds: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  ns: 1e-9,
  min: 60,
  h: 3600,
};

/** Which of day and month stands first where both are numbers before the year. */
export type DayOrder = 'dmy' | 'mdy';

/** How times are written, as far as they do not say it themselves. */
export interface TimeStyle {
  /** Seconds that one stands for in a numeric time; null takes its size for a sign. */
  readonly unitSeconds: number | null;
  readonly dayOrder: DayOrder;
  /** Whether numbers of 8, 12 or 14 digits are days, with hours and minutes behind them, as 20240305. */
  readonly isCompact?: boolean;
  /** The clocks that times without a zone are read off; UTC where left out. */
  readonly local?: LocalTimes | null;
}

const PLAIN_TIMES: TimeStyle = { unitSeconds: null, dayOrder: 'dmy' };

/** From here on a number is rather of the next smaller unit: as seconds it would lie in the year 5138, and so on. */
const FIRST_OF: readonly (readonly [from: number, unitSeconds: number])[] = [
  [1e17, 1e-9],
  [1e14, 1e-6],
  [1e11, 1e-3],
];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const day =
  '(?:(?<y>\\d{4})[-/.](?<m>\\d{1,2})[-/.](?<d>\\d{1,2})' +
  '|(?<a>\\d{1,2})(?<sep>[-/.])(?<b>\\d{1,2})\\k<sep>(?<year>\\d{4}|\\d{2})' +
  '|(?<date>\\d{1,2})[- ](?<name>[a-z]{3})[a-z]*[-, ]+(?<of>\\d{4})' +
  '|(?<first>[a-z]{3})[a-z]*[-. ]+(?<nth>\\d{1,2})[-, ]+(?<then>\\d{4}))';
const clock =
  '(?<hour>\\d{1,2}):(?<minute>\\d{2})(?::(?<second>\\d{2})(?:[.,](?<fraction>\\d+))?)?\\s*(?<half>[ap]\\.?m\\.?)?';
const zone = '(?<zone>z|utc|gmt|[+-]\\d{2}(?::?\\d{2})?)';
const timePattern = new RegExp(`^(?:${day})?(?:(?:^|[T ,]\\s*)${clock})?\\s*${zone}?$`, 'i');

type Parts = Readonly<Record<string, string | undefined>>;

/**
 * Milliseconds since the epoch of a time as devices and tables write it: ISO 8601 with `T` or a space, with slashes or
 * points, day or month first, with AM and PM, or a time of day alone (UTC where no zone is said, so that every
 * machine reads the same); or a number of seconds, or of milli-, micro- or nanoseconds when it is that large.
 * NaN for anything else.
 */
export function timeMsOf(text: string, style: TimeStyle = PLAIN_TIMES): number {
  const bare = text.trim();
  if (style.isCompact === true) return compactMsOf(bare, style.local);
  if (/^[+-]?[\d.,]+(?:e[+-]?\d+)?$/i.test(bare) && !/[.].*[.]/.test(bare)) {
    return numericTimeMs(Number(bare.replace(',', '.')), style.unitSeconds);
  }
  const parts = timePattern.exec(bare)?.groups as Parts | undefined;
  if (parts === undefined) return Number.NaN;
  const dayMs = dayMsOf(parts, style.dayOrder);
  const clockMs = clockMsOf(parts);
  if (dayMs === null && clockMs === null) return Number.NaN;
  const ms = (dayMs ?? 0) + (clockMs ?? 0);
  if (parts.zone !== undefined) return ms - zoneMsOf(parts.zone);
  return dayMs === null ? ms : (style.local?.utcOf(ms) ?? ms);
}

/** Milliseconds of a time such as 20240305, 202403051305 or 20240305130509; NaN of another text. */
export function compactMsOf(text: string, local: TimeStyle['local'] = null): number {
  const match = /^((?:19|20)\d{2})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?$/.exec(text.trim());
  if (match === null) return Number.NaN;
  const [, year, month, dayOfMonth, hour = '00', minute = '00', second = '00'] = match;
  return timeMsOf(`${year}-${month}-${dayOfMonth} ${hour}:${minute}:${second}`, { ...PLAIN_TIMES, local });
}

/** Milliseconds of a time that is a number. */
export function numericTimeMs(time: number, unitSeconds: number | null = null): number {
  const unit = unitSeconds ?? FIRST_OF.find(([from]) => Math.abs(time) >= from)?.[1] ?? 1;
  return time * unit * 1000;
}

/** The clocks of a zone; null where none is named. */
export function localOf(timeZone: string | null): LocalTimes | null {
  return timeZone === null ? null : new LocalTimes(timeZone);
}

/** The two numbers of a day before its year, in the order they stand; null where it is not written so. */
export function ambiguousDay(text: string): readonly [first: number, second: number] | null {
  const parts = timePattern.exec(text.trim())?.groups as Parts | undefined;
  return parts?.a === undefined || parts.sep === '.' ? null : [Number(parts.a), Number(parts.b)];
}

/** What a day before its year shows: the number beyond 12 is the day; null where neither is. */
export function orderShown([first, second]: readonly [number, number]): DayOrder | null {
  if (first > 12) return 'dmy';
  return second > 12 ? 'mdy' : null;
}

function dayMsOf(parts: Parts, order: DayOrder): number | null {
  const { y, m, d, a, sep, b, year, date, name, of } = parts;
  if (y !== undefined) return utcDay(Number(y), Number(m), Number(d));
  if (name !== undefined) return namedDay(of, name, date);
  if (parts.first !== undefined) return namedDay(parts.then, parts.first, parts.nth);
  if (a === undefined) return null;
  const full = Number(year) + (year?.length === 2 ? 2000 : 0);
  // With points the day is always first.
  const [month, dayOfMonth] = order === 'mdy' && sep !== '.' ? [a, b] : [b, a];
  return utcDay(full, Number(month), Number(dayOfMonth));
}

function namedDay(year: string | undefined, month: string, dayOfMonth: string | undefined): number {
  return utcDay(Number(year), MONTHS.indexOf(month.toLowerCase()) + 1, Number(dayOfMonth));
}

/** NaN for a day that is none. */
function utcDay(year: number, month: number, dayOfMonth: number): number {
  const ms = Date.UTC(year, month - 1, dayOfMonth);
  const back = new Date(ms);
  return back.getUTCMonth() === month - 1 && back.getUTCDate() === dayOfMonth ? ms : Number.NaN;
}

function clockMsOf({ hour, minute, second = '0', fraction = '0', half }: Parts): number | null {
  if (hour === undefined) return null;
  const given = Number(hour);
  if (Number(minute) > 59 || Number(second) > 60 || given > 24) return Number.NaN;
  const hours = half === undefined ? given : (given % 12) + (/^p/i.test(half) ? 12 : 0);
  return (hours * 3600 + Number(minute) * 60 + Number(`${second}.${fraction}`)) * 1000;
}

function zoneMsOf(text: string | undefined): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(text ?? '');
  if (match === null) return 0;
  const ms = (Number(match[2]) * 60 + Number(match[3] ?? 0)) * 60_000;
  return match[1] === '-' ? -ms : ms;
}

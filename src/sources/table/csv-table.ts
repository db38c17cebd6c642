/** What a CSV file's text means: separators, header, times and numbers. Nothing here reads a file. */
import { CatnapError } from '../../core/errors.js';
import type { ChannelFormat } from '../../core/signal/frame.js';

export type Separator = ',' | ';' | '\t' | '|';

const separators: readonly Separator[] = [',', ';', '\t', '|'];
const timeNames = /^(date[ _-]?time|time[ _-]?stamp|time|date|ts|datetime)(?:[ _-](s|sec|ms|us))?$/i;
/** Seconds in the unit that a column of times is headed with. */
const timeUnits: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  seconds: 1,
  ms: 1e-3,
  us: 1e-6,
  µs: 1e-6,
  min: 60,
  h: 3600,
};
const missingWords = /^(|-|--|\?|na|n\/a|nan|null|none|nil)$/i;
/** Numbers of 100,000,000,000 and above are milliseconds: as seconds they would lie in the year 5138. */
const FIRST_MILLISECONDS = 1e11;

/** A channel's column in the file. */
export interface Column extends ChannelFormat {
  /** From 0. */
  readonly index: number;
}

/** The separator that the first line has most of, outside quotes; a comma where it has none. */
export function sniffSeparator(text: string): Separator {
  const counts = new Map<string, number>();
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) break;
    else if (!quoted) counts.set(character, (counts.get(character) ?? 0) + 1);
  }
  return separators.reduce((best, each) => ((counts.get(each) ?? 0) > (counts.get(best) ?? 0) ? each : best));
}

/** `flow (L/min)` and `flow [L/min]` are the channel `flow` in `L/min`. */
function columnOf(header: string, index: number): Column {
  const match = /^(.*\S)\s*[([]([^()[\]]*)[)\]]$/.exec(header);
  return { name: match?.[1] ?? header, unit: match?.[2]?.trim() ?? '', index };
}

/** Seconds that one in a column of numeric times stands for: as its unit says; null where none is said. */
function timeUnitOf({ name, unit }: ChannelFormat): number | null {
  const said = unit === '' ? (timeNames.exec(name)?.[2] ?? '') : unit;
  return timeUnits[said.toLowerCase()] ?? null;
}

/**
 * Milliseconds since the epoch of a time as CSV files write it: ISO 8601 with `T` or a space, also with slashes, or
 * `31.12.2024` (UTC where no zone is said, so that every machine reads the same); a time of day alone; or a number, of
 * `unitSeconds`, else of seconds, or of milliseconds when it is that large. NaN for anything else.
 */
export function timeMsOf(text: string, unitSeconds: number | null = null): number {
  const number = text === '' ? Number.NaN : Number(text.replace(',', '.'));
  if (!Number.isNaN(number)) {
    if (unitSeconds !== null) return number * unitSeconds * 1000;
    return Math.abs(number) >= FIRST_MILLISECONDS ? number : number * 1000;
  }
  const match =
    /^(?:(\d{4})[-/](\d{2})[-/](\d{2})|(\d{2})\.(\d{2})\.(\d{4}))?(?:[T ]?\s*(\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(
      text,
    );
  if (match === null || (match[1] ?? match[6] ?? match[7]) === undefined) return Number.NaN;
  const [, year = match[6], month = match[5], day = match[4], , , , clock = '00:00', zone = 'Z'] = match;
  const date = year === undefined ? '1970-01-01' : `${year}-${month}-${day}`;
  return Date.parse(
    `${date}T${clock
      .replace(',', '.')

      .replace(/^(\d):/, '0$1:')}${zone}`,
  );
}

/**
 * A number, NaN for a missing value, or `null` for text that is neither. A decimal comma is read where it
 * cannot separate fields.
 */
export function numberOf(text: string, separator: Separator): number | null {
  if (missingWords.test(text)) return Number.NaN;
  const number = Number(text);
  if (Number.isFinite(number)) return number;
  if (separator !== ',' && /^[+-]?\d*,\d+(?:e[+-]?\d+)?$/i.test(text)) return Number(text.replace(',', '.'));
  return null;
}

/** Which columns to read. */
export interface ColumnChoice {
  readonly path: string;
  readonly separator: Separator;
  /** Names to watch; `null` takes every column of numbers. */
  readonly columns: readonly string[] | null;
  readonly ignore: readonly string[];
  /** Name of the time column; `null` looks for one named like time. */
  readonly time: string | null;
  readonly maxChannels: number;
}

/** What stands where in a file. */
export interface Layout {
  /** Columns that make up the time of a row: none, one, or a date and a time of day. */
  readonly time: readonly number[];
  /** Seconds that a numeric time counts in; null where its header does not say. */
  readonly timeUnit: number | null;
  readonly channels: readonly Column[];
  /** Columns that are not watched because they hold words. */
  readonly words: readonly string[];
  readonly fields: number;
}

/**
 * Decides from the header and the first rows what is time and what are channels.
 * @throws CatnapError `SOURCE_FORMAT` naming the file, what was expected and what was found
 */
export function layoutOf(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  choice: ColumnChoice,
): Layout {
  const { path, separator } = choice;
  if (header.length > 0 && header.every((name) => Number.isFinite(Number(name))))
    throw wrong(path, 1, 'expected a header line with column names, found numbers');
  const columns = header.map(columnOf);
  const find = (wanted: string): Column => {
    const found = columns.find((column) => column.name === wanted || header[column.index] === wanted);
    if (found === undefined)
      throw wrong(
        path,
        1,
        `expected a column "${wanted}", found ${listed(columns.map((column) => column.name))}`,
      );
    return found;
  };
  const ignored = new Set(choice.ignore.map((name) => find(name).index));
  const time = choice.time === null ? timeColumns(columns, ignored, rows) : [find(choice.time)];
  for (const { index } of time) ignored.add(index);
  const candidates = columns.filter((column) => column.name !== '' && !ignored.has(column.index));
  const numeric = candidates.filter((column) => holdsNumbers(rows, column.index, separator));
  const channels = choice.columns?.map(find) ?? numeric;
  if (channels.length === 0)
    throw wrong(path, 1, `expected at least one column of numbers, found none in ${listed(header)}`);
  if (channels.length > choice.maxChannels)
    throw wrong(
      path,
      1,
      `expected at most ${choice.maxChannels} channels, found ${channels.length}; name the ones to watch in "columns"`,
    );
  const twice = channels.find((a, i) => channels.findIndex((b) => a.name === b.name) !== i);
  if (twice !== undefined)
    throw wrong(path, 1, `expected column names to differ, found "${twice.name}" twice`);
  const left = choice.columns === null ? candidates.filter((column) => !numeric.includes(column)) : [];
  return {
    time: time.map(({ index }) => index),
    timeUnit: time.length === 1 ? timeUnitOf(time[0] as Column) : null,
    channels,
    words: left.map(({ name }) => name),
    fields: header.length,
  };
}

/** A date and a time of day where both are there, else the first column named like time, else one full of dates. */
function timeColumns(
  all: readonly Column[],
  ignored: ReadonlySet<number>,
  rows: readonly (readonly string[])[],
): readonly Column[] {
  const columns = all.filter(({ index }) => !ignored.has(index));
  const named = (name: RegExp) => columns.find((column) => name.test(column.name));
  const day = named(/^date$/i);
  const clock = named(/^time$/i);
  if (day !== undefined && clock !== undefined) return [day, clock];
  const first = named(timeNames) ?? columns.find(({ index }) => holdsDates(rows, index));
  return first === undefined ? [] : [first];
}

function holdsDates(rows: readonly (readonly string[])[], index: number): boolean {
  const isDate = (text = '') => /\d[-:/.]\d+[-:/.]\d/.test(text) && !Number.isNaN(timeMsOf(text));
  return rows.length > 0 && rows.every((row) => isDate(row[index]));
}

/** A word now and then is a bad value; a column of words is none of numbers. */
function holdsNumbers(rows: readonly (readonly string[])[], index: number, separator: Separator): boolean {
  const values = rows.map((row) => numberOf(row[index] ?? '', separator));
  const numbers = values.filter((value) => value !== null && !Number.isNaN(value)).length;
  return numbers > values.filter((value) => value === null).length;
}

/** Whether a row under the header only says units: no number in it, where the row after it has some. */
export function isUnitsRow(
  first: readonly string[],
  second: readonly string[] | undefined,
  separator: Separator,
): boolean {
  const numbers = (row: readonly string[]) =>
    row.filter((text) => text !== '' && Number.isFinite(numberOf(text, separator) ?? Number.NaN)).length;
  const words = first.filter((text) => numberOf(text, separator) === null).length;
  return second !== undefined && words > 0 && numbers(first) === 0 && numbers(second) > 0;
}

/**
 * Rows a second: the median distance of the first times.
 * @throws CatnapError `SOURCE_FORMAT` when they do not go forward
 */
export function rateOf(path: string, times: readonly number[]): number {
  const steps = times
    .slice(1)
    .map((time, i) => time - (times[i] as number))
    .filter((step) => step > 0)
    .sort((a, b) => a - b);
  const step = steps[Math.floor(steps.length / 2)];
  if (step === undefined)
    throw wrong(path, 2, 'expected times that go forward, to know the rate, found none; set "rateHz"');
  return 1000 / step;
}

/** A `SOURCE_FORMAT` error at a line of a file. */
export function wrong(path: string, lineNumber: number, message: string, cause?: unknown): CatnapError {
  return new CatnapError('SOURCE_FORMAT', `${path} line ${lineNumber}: ${message}`, { cause });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown;
}

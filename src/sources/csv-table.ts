/** What a CSV file's text means: separators, header, times and numbers. Nothing here reads a file. */
import { CatnapError } from '../core/errors.js';
import type { ChannelFormat } from '../core/frame.js';

export type Separator = ',' | ';' | '\t' | '|';

const separators: readonly Separator[] = [',', ';', '\t', '|'];
const timeNames = /^(date[ _-]?time|time[ _-]?stamp|time|date|ts|datetime)$/i;
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
export function columnOf(header: string, index: number): Column {
  const match = /^(.*\S)\s*[([]([^()[\]]*)[)\]]$/.exec(header);
  return { name: match?.[1] ?? header, unit: match?.[2]?.trim() ?? '', index };
}

/**
 * Milliseconds since the epoch of a time as CSV files write it: ISO 8601 with `T` or a space (UTC where no zone
 * is said, so that every machine reads the same), or a number of seconds, or of milliseconds when it is that
 * large. NaN for anything else.
 */
export function timeMsOf(text: string): number {
  const number = text === '' ? Number.NaN : Number(text);
  if (!Number.isNaN(number)) return Math.abs(number) >= FIRST_MILLISECONDS ? number : number * 1000;
  const iso =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?))?\s*(Z|[+-]\d{2}:?\d{2})?$/.exec(text);
  if (iso === null) return Number.NaN;
  return Date.parse(`${iso[1]}T${(iso[2] ?? '00:00').replace(',', '.')}${iso[3] ?? 'Z'}`);
}

/** A number, NaN for a missing value, or `null` for text that is neither. A decimal comma is read where it cannot separate fields. */
export function numberOf(text: string, separator: Separator): number | null {
  if (missingWords.test(text)) return Number.NaN;
  const number = Number(text);
  if (Number.isFinite(number)) return number;
  if (separator !== ',' && /^[+-]?\d+,\d+$/.test(text)) return Number(text.replace(',', '.'));
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

/** The columns of a file: where the time stands (-1: nowhere) and the channels. */
export interface Layout {
  readonly time: number;
  readonly channels: readonly Column[];
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
  const time =
    choice.time === null ? columns.find((column) => timeNames.test(column.name)) : find(choice.time);
  if (time !== undefined) ignored.add(time.index);
  const numeric = (column: Column): boolean => {
    const values = rows.map((row) => numberOf(row[column.index] ?? '', separator));
    return values.every((value) => value !== null) && values.some((value) => !Number.isNaN(value));
  };
  const channels =
    choice.columns?.map(find) ??
    columns.filter((column) => column.name !== '' && !ignored.has(column.index) && numeric(column));
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
  return { time: time?.index ?? -1, channels, fields: header.length };
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

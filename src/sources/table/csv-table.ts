/** What a CSV file's text means: separators, header, times and numbers. Nothing here reads a file. */
import { CatnapError } from '../../core/errors.js';
import { median } from '../../core/quantile.js';
import type { ChannelFormat } from '../../core/signal/frame.js';
import { quantityOf } from '../quantity.js';
import { TIME_UNITS, timeMsOf } from '../times.js';

export type Separator = ',' | ';' | '\t' | '|';

const separators: readonly Separator[] = [',', ';', '\t', '|'];
const timeNames =
  /^(date[ _-]?time|time[ _-]?stamp|time|date|ts|datetime)(?:[ _-](s|sec|ms|us|ns))?$|^last_(?:changed|updated)$/i;
/** What columns without a header are called. */
const noName = /^column \d+$/;
/** Seconds until July 1998: less may be anything. */
const LEAST_EPOCH = 9e8;
/** Columns that say which device or quantity the value of a row is of. */
const entityNames =
  /^(entity|device|sensor|channel|metric|parameter|variable|series|tag)([ _-]?(id|name))?$|^(topic|friendly_name|measurement)$/i;

/** With this share of rows whose time is that of the row before, times are coarser than the rows. */
const LEAST_SHARED = 0.4;

/** Least share of the lines below a header that have to be as long as it. */
const LEAST_ALIKE = 0.8;

/** A channel's column in the file. */
export interface Column extends ChannelFormat {
  /** From 0. */
  readonly index: number;
}

/** The separator that the first line with one has most of, outside quotes; a comma where none has. */
export function sniffSeparator(text: string): Separator {
  const counts = new Map<string, number>();
  let quoted = false;
  for (const character of text) {
    if (character === '"') quoted = !quoted;
    else if (!quoted && (character === '\n' || character === '\r')) {
      if (separators.some((each) => counts.has(each))) break;
    } else if (!quoted) counts.set(character, (counts.get(character) ?? 0) + 1);
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
  return TIME_UNITS[said.toLowerCase()] ?? null;
}

/** Which columns to read. */
export interface ColumnChoice {
  readonly path: string;
  /** Names to watch; `null` takes every column of numbers. */
  readonly columns: readonly string[] | null;
  readonly ignore: readonly string[];
  /** Name of the time column; `null` looks for one named like time. */
  readonly time: string | null;
  /** Which of the devices to watch, in a table that holds several one below the other. */
  readonly entity: string | null;
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
  /** Channels of which the first rows hold no value. */
  readonly empty: readonly string[];
  /** Column that says which device a row is of, and the device that is watched; null where there is none. */
  readonly entity: { readonly index: number; readonly name: string; readonly wanted: string } | null;
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
  const { path } = choice;
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
  const entity = entityOf(columns, ignored, rows, choice);
  if (entity !== null) ignored.add(entity.index);
  const candidates = columns.filter((column) => column.name !== '' && !ignored.has(column.index));
  const numeric = candidates.filter((column) => holdsNumbers(rows, column.index));
  const chosen = choice.columns?.map(find) ?? numeric;
  if (chosen.every(({ index }) => isEmpty(rows, index)) && choice.columns === null)
    throw noNumbers(path, candidates, rows);
  const channels = chosen.map((column) => asChannel(column, rows, entity, chosen.length));
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
    empty: chosen.flatMap(({ name, index }) => (isEmpty(rows, index) ? [name] : [])),
    entity,
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
  const first =
    named(timeNames) ??
    columns.find(({ index }) => holdsDates(rows, index)) ??
    columns.find(({ name, index }) => noName.test(name) && holdsEpochs(rows, index));
  return first === undefined ? [] : [first];
}

function holdsDates(rows: readonly (readonly string[])[], index: number): boolean {
  const isDate = (text = '') => /\d[-:/.]\d+[-:/.]\d/.test(text) && !Number.isNaN(timeMsOf(text));
  return rows.length > 0 && rows.every((row) => isDate(row[index]));
}

/** Seconds since 1970, or smaller units of them, that only rise: in a table without names nothing else says time. */
function holdsEpochs(rows: readonly (readonly string[])[], index: number): boolean {
  const times = rows.map((row) => Number(row[index] || Number.NaN));
  return times.length > 1 && times.every((time, row) => time >= (times[row - 1] ?? LEAST_EPOCH));
}

/**
 * A word now and then is a bad value; a column of words is none of numbers. One that is still empty may be of a sensor
 * that begins late.
 */
function holdsNumbers(rows: readonly (readonly string[])[], index: number): boolean {
  const values = rows.map((row) => quantityOf(row[index] ?? ''));
  const numbers = values.filter((value) => value !== null && !Number.isNaN(value.value)).length;
  const words = values.filter((value) => value === null).length;
  return unitsIn(rows, index).length <= Math.max(1, numbers / 2) && (numbers > words || words === 0);
}

function isEmpty(rows: readonly (readonly string[])[], index: number): boolean {
  return rows.every((row) => Number.isNaN(quantityOf(row[index] ?? '')?.value ?? Number.NaN));
}

/** Units behind the numbers of a column. */
function unitsIn(rows: readonly (readonly string[])[], index: number): readonly string[] {
  const units = rows.map((row) => quantityOf(row[index] ?? '')?.unit ?? '');
  return [...new Set(units.filter((unit) => unit !== ''))];
}

/** A column in its unit; the only column of a device has the name of the device. */
function asChannel(
  column: Column,
  rows: readonly (readonly string[])[],
  entity: Layout['entity'],
  channels: number,
): Column {
  const unit = column.unit === '' ? (unitsIn(rows, column.index)[0] ?? '') : column.unit;
  return { ...column, unit, name: entity !== null && channels === 1 ? entity.wanted : column.name };
}

/** Which device is watched, where a column says of which one each row is. */
function entityOf(
  columns: readonly Column[],
  ignored: ReadonlySet<number>,
  rows: readonly (readonly string[])[],
  { path, entity, columns: named }: ColumnChoice,
): Layout['entity'] {
  const column = columns.find(
    ({ name, index }) => entityNames.test(name) && !ignored.has(index) && named?.includes(name) !== true,
  );
  const values = column === undefined ? [] : [...new Set(rows.map((row) => row[column.index] ?? ''))];
  const isEntity = column !== undefined && values.every((value) => quantityOf(value) === null);
  if (!isEntity || values.length === 0) {
    if (entity === null) return null;
    throw wrong(path, 1, `expected a column such as entity_id, for "entity" is ${entity}, found none`);
  }
  if (entity === null && values.length > 1) throw manyEntities(path, 1, column.name, values);
  return { index: column.index, name: column.name, wanted: entity ?? (values[0] as string) };
}

/** Rows of several devices that nobody chose from. */
export function manyEntities(
  path: string,
  line: number,
  column: string,
  values: readonly string[],
): CatnapError {
  return wrong(
    path,
    line,
    `expected rows of one device, found ${listed(values)} in the column ${column}; choose one with "entity" (catnap replay: in a --config), or ignore the column`,
  );
}

function noNumbers(
  path: string,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): CatnapError {
  const found = columns.map(({ name, index }) => `${name} "${(rows[0]?.[index] ?? '').slice(0, 40)}"`);
  return wrong(
    path,
    2,
    `expected at least one column of numbers, found ${listed(found)}; name those to watch in "columns"`,
  );
}

/** Names for the columns of a file that has none: its first row is no header, for it holds no word. */
export function namesWithout(header: readonly string[]): readonly string[] | null {
  const isValue = (text: string) => quantityOf(text) !== null || !Number.isNaN(timeMsOf(text));
  const hasNumber = header.some((text) => text !== '' && Number.isFinite(Number(text)));
  if (!hasNumber || !header.every(isValue)) return null;
  return header.map((_, index) => `column ${index + 1}`);
}

/**
 * Lines at the top that stand before the header, as of a station and its place: shorter than nearly all that follow,
 * and what follows them begins with a header.
 */
export function preambleRows(rows: readonly (readonly string[])[]): number {
  const lengths = rows.map((row) => row.findLastIndex((field) => field !== '') + 1);
  const usual = median(lengths.slice(1));
  const at = lengths.findIndex((length) => length >= usual);
  const top = rows[at];
  const isTable =
    lengths.slice(at).filter((length) => length === usual).length >= LEAST_ALIKE * (lengths.length - at);
  return at > 0 && top !== undefined && usual > 1 && isTable && top.every(isName) ? at : 0;
}

function isName(text: string): boolean {
  return text !== '' && quantityOf(text) === null && Number.isNaN(timeMsOf(text));
}

/** Whether a row under the header only says units: no number in it, where the row after it has some. */
export function isUnitsRow(first: readonly string[], second: readonly string[] | undefined): boolean {
  const numbers = (row: readonly string[]) =>
    row.filter((text) => text !== '' && Number.isFinite(quantityOf(text)?.value ?? Number.NaN)).length;
  const words = first.filter((text) => quantityOf(text) === null).length;
  return second !== undefined && words > 0 && numbers(first) === 0 && numbers(second) > 0;
}

/** How often rows come, and how many share a time. */
export interface RowTimes {
  readonly rateHz: number;
  /** Rows that bear the same time: 1, or more where times are coarser than the rows. */
  readonly shared: number;
}

/**
 * The median distance of the first times, over the rows that share one.
 * @throws CatnapError `SOURCE_FORMAT` when they do not go forward
 */
export function rowTimesOf(path: string, times: readonly number[]): RowTimes {
  const steps = times.slice(1).map((time, i) => time - (times[i] as number));
  const step = middleOf(steps.filter((each) => each > 0));
  if (step === undefined)
    throw wrong(path, 2, 'expected times that go forward, to know the rate, found none; set "rateHz"');
  const changes = steps.flatMap((each, i) => (each > 0 ? [i] : []));
  const areShared = steps.filter((each) => each === 0).length > LEAST_SHARED * steps.length;
  const spans = areShared ? changes.slice(1).map((at, i) => at - (changes[i] as number)) : [];
  const shared = middleOf(spans) ?? 1;
  return { rateHz: (1000 * shared) / step, shared };
}

function middleOf(values: readonly number[]): number | undefined {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** A `SOURCE_FORMAT` error at a line of a file. */
export function wrong(path: string, lineNumber: number, message: string, cause?: unknown): CatnapError {
  return new CatnapError('SOURCE_FORMAT', `${path} line ${lineNumber}: ${message}`, { cause });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 12).join(', ');
  return names.length > 12 ? `${shown} and ${names.length - 12} more` : shown;
}

import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { CsvError, type Info, type Parser, parse } from 'csv-parse';
import { CatnapError } from '../../core/errors.js';
import type { Source, SourceItem } from '../../core/signal/frame.js';
import { TimedRows } from '../timed-rows.js';
import {
  isUnitsRow,
  type Layout,
  layoutOf,
  numberOf,
  rateOf,
  type Separator,
  sniffSeparator,
  timeMsOf,
  wrong,
} from './csv-table.js';

export interface CsvOptions {
  readonly id: string;
  readonly path: string;
  readonly separator: Separator | 'auto';
  /** Name of the time column; `null` takes one named like time, if there is one. */
  readonly time: string | null;
  /** Rows a second; `null` takes it from the times. */
  readonly rateHz: number | null;
  /** Columns to watch; `null` takes every column of numbers. */
  readonly columns: readonly string[] | null;
  readonly ignore: readonly string[];
  readonly raggedRows: 'skip' | 'refuse';
  /** Rows of a hop; `null` takes one up to 10 Hz, else about 100 ms. */
  readonly hopRows: number | null;
  /** Up to this many rows that the times say are missing become rows of NaN; more are a gap. */
  readonly fillRows: number;
}

const csvDefaults: Omit<CsvOptions, 'id' | 'path'> = {
  separator: 'auto',
  time: null,
  rateHz: null,
  columns: null,
  ignore: [],
  raggedRows: 'skip',
  hopRows: null,
  fillRows: 5,
};

/** What was not as it should be, counted since the last `frames`. */
export interface CsvStats {
  rows: number;
  raggedRows: number;
  /** Values that are no number, read as missing. */
  badValues: number;
  /** Rows of NaN that stand for missing ones. */
  filledRows: number;
}

/** Rows read before the columns and the rate are decided. */
const FIRST_ROWS = 64;
/** Channels a sensor cascade is built for; wider files have to name theirs. */
const MAX_CHANNELS = 256;
/** A header of 1,000,000 columns is some 20 MB. */
const MAX_RECORD_BYTES = 64 * 1024 * 1024;

interface Row {
  readonly fields: readonly string[];
  readonly line: number;
}

/**
 * A table of sensor rows. Missing values are NaN; a few missing rows too; many are a gap.
 *
 * `frames` throws `SOURCE_UNAVAILABLE` when the file cannot be read, and `SOURCE_FORMAT` with the line when it
 * is no table of numbers.
 */
export class CsvSource implements Source {
  readonly id: string;
  /** Columns that were not watched because they hold words; known once the first rows were read. */
  words: readonly string[] = [];
  readonly stats: CsvStats = { rows: 0, raggedRows: 0, badValues: 0, filledRows: 0 };
  readonly #options: CsvOptions;

  constructor(options: Partial<CsvOptions> & Pick<CsvOptions, 'id' | 'path'>) {
    this.id = options.id;
    this.#options = { ...csvDefaults, ...options };
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    Object.assign(this.stats, { rows: 0, raggedRows: 0, badValues: 0, filledRows: 0 });
    for await (const item of this.#items(signal)) {
      if (signal.aborted) return;
      yield item;
    }
  }

  async *#items(signal: AbortSignal): AsyncGenerator<SourceItem> {
    const { path } = this.#options;
    const separator =
      this.#options.separator === 'auto' ? sniffSeparator(await firstText(path)) : this.#options.separator;
    const rows = readRows(path, separator, signal);
    const header = (await rows.next()).value as Row | undefined;
    if (header === undefined) throw wrong(path, 1, 'expected a header line, found an empty file');
    const first: Row[] = [];
    for (let row = await rows.next(); row.done !== true; row = await rows.next())
      if (first.push(row.value) === FIRST_ROWS) break;
    const units = unitsOf(first, header.fields.length, separator);
    const usable = first.filter((row) => row.fields.length === header.fields.length).map((row) => row.fields);
    const names = header.fields.map((name, i) => withUnit(name, units?.[i] ?? ''));
    const layout = layoutOf(names, usable, {
      ...this.#options,
      separator,
      maxChannels: MAX_CHANNELS,
    });
    this.words = layout.words;
    const rateHz = this.#options.rateHz ?? this.#rate(layout, usable);
    const table = new TableReader(this.#options, separator, layout, rateHz, this.stats);
    yield table.rows.start();
    for (const row of first) yield* table.row(row);
    for await (const row of rows) yield* table.row(row);
    yield* table.rows.end();
  }

  #rate(layout: Layout, rows: readonly (readonly string[])[]): number {
    const { path } = this.#options;
    if (layout.time.length === 0)
      throw wrong(
        path,
        1,
        'expected a time column or "rateHz" in the configuration (catnap replay: --rate), found neither',
      );
    const times = rows.map((row) => timeMsOf(timeText(row, layout), layout.timeUnit));
    if (rows[0] !== undefined && times.every(Number.isNaN)) throw noTime(path, 2, timeText(rows[0], layout));
    return rateOf(
      path,
      times.filter((time) => !Number.isNaN(time)),
    );
  }
}

function noTime(path: string, line: number, text: string): CatnapError {
  return wrong(
    path,
    line,
    `expected a time (2025-12-31 23:59:59, or seconds), found "${text.slice(0, 40)}"; or name the column in "ignore" and set "rateHz"`,
  );
}

/** The units of a row under the header that says nothing else; takes that row out of `first`. */
function unitsOf(first: Row[], fields: number, separator: Separator): readonly string[] | null {
  const [units, second] = first;
  if (units?.fields.length !== fields || !isUnitsRow(units.fields, second?.fields, separator)) return null;
  first.shift();
  return units.fields;
}

function withUnit(name: string, unit: string): string {
  const bare = unit.replace(/^[([](.*)[)\]]$/, '$1');
  return bare === '' || name === '' || /[)\]]$/.test(name) ? name : `${name} [${bare}]`;
}

function timeText(fields: readonly string[], layout: Layout): string {
  return layout.time.map((index) => fields[index] ?? '').join(' ');
}

/** Turns rows of text into hops, NaN and gaps. */
class TableReader {
  readonly rows: TimedRows;

  constructor(
    readonly options: CsvOptions,
    readonly separator: Separator,
    readonly layout: Layout,
    rateHz: number,
    readonly stats: CsvStats,
  ) {
    this.rows = new TimedRows({ ...options, rateHz, channels: layout.channels });
  }

  *row({ fields, line }: Row): Generator<SourceItem> {
    const { layout, stats } = this;
    if (fields.length !== layout.fields) {
      const found = `expected ${layout.fields} fields as in the header, found ${fields.length}`;
      if (this.options.raggedRows === 'refuse') throw wrong(this.options.path, line, found);
      stats.raggedRows++;
      yield* this.rows.lose(1, 'garbage');
      return;
    }
    if (layout.time.length > 0) yield* this.rows.reach(this.#time(timeText(fields, layout), line));
    stats.rows++;
    stats.filledRows = this.rows.filledRows;
    yield* this.rows.row((c) => this.#value(fields[layout.channels[c]?.index as number] as string));
  }

  #time(text: string, line: number): number {
    const timeMs = timeMsOf(text, this.layout.timeUnit);
    if (Number.isNaN(timeMs)) throw noTime(this.options.path, line, text);
    return timeMs;
  }

  #value(text: string): number {
    const value = numberOf(text, this.separator);
    if (value !== null) return value;
    this.stats.badValues++;
    return Number.NaN;
  }
}

/** The beginning of a file: enough of its first line to see what separates fields. */
async function firstText(path: string): Promise<string> {
  try {
    for await (const chunk of createReadStream(path, { end: 65_535 })) {
      const bytes = chunk as Buffer;
      if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff))
        throw wrong(path, 1, 'expected UTF-8, found UTF-16; save the file as UTF-8');
      return bytes.toString('utf8');
    }
    return '';
  } catch (error) {
    throw asCatnapError(path, error);
  }
}

async function* readRows(
  path: string,
  separator: Separator,
  signal: AbortSignal,
): AsyncGenerator<Row, undefined> {
  const parser: Parser = parse({
    bom: true,
    delimiter: separator,
    // Named, because looking for it costs a tenth of the time.
    record_delimiter: ['\r\n', '\n', '\r'],
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    trim: true,
    max_record_size: MAX_RECORD_BYTES,
  });
  const file = pipeline(createReadStream(path), parser, () => {});
  const stop = (): void => void file.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>)
      yield { fields: record, line: info.lines };
  } catch (error) {
    if (!signal.aborted) throw asCatnapError(path, error);
  } finally {
    signal.removeEventListener('abort', stop);
    parser.destroy();
  }
}

function asCatnapError(path: string, error: unknown): CatnapError {
  if (error instanceof CatnapError) return error;
  if (error instanceof CsvError) {
    const { lines } = error as CsvError & { readonly lines?: number };
    return wrong(path, lines ?? 0, error.message, error);
  }
  return new CatnapError('SOURCE_UNAVAILABLE', `${path}: expected a readable file: ${String(error)}`, {
    cause: error,
  });
}

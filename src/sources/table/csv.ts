import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { CsvError, type Info, type Parser, parse } from 'csv-parse';
import { CatnapError } from '../../core/errors.js';
import type { Source, SourceItem } from '../../core/signal/frame.js';
import { ClockWatch } from '../clock-watch.js';
import { quantityOf } from '../quantity.js';
import { FILL_ROWS } from '../row-losses.js';
import { TimedRows } from '../timed-rows.js';
import { compactMsOf, type DayOrder, localOf, type TimeStyle, timeMsOf } from '../times.js';
import {
  isUnitsRow,
  type Layout,
  layoutOf,
  manyEntities,
  namesWithout,
  preambleRows,
  type RowTimes,
  rowTimesOf,
  type Separator,
  sniffSeparator,
  wrong,
} from './csv-table.js';
import { dayOrderOf } from './day-order.js';

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
  /** Which of day and month stands first in times as 03/05/2024; `null`: as the file shows. */
  readonly dayOrder: DayOrder | null;
  /** Zone of times that name none; `null`: UTC. */
  readonly timeZone: string | null;
  /** Which device to watch, in a table that holds several one below the other. */
  readonly entity: string | null;
  /** Numbers that stand for a missing value. */
  readonly missing: readonly number[];
  readonly raggedRows: 'skip' | 'refuse';
  /** Rows of a hop; `null` takes one up to 10 Hz, else about 100 ms. */
  readonly hopRows: number | null;
  /** Up to this many rows that the times say are missing become rows of NaN; more are a gap. */
  readonly fillRows: number;
  /** Told what was taken for granted of the file, and what is left out of it. */
  readonly onNotes: (notes: readonly string[]) => void;
}

const csvDefaults: Omit<CsvOptions, 'id' | 'path'> = {
  separator: 'auto',
  time: null,
  rateHz: null,
  columns: null,
  ignore: [],
  dayOrder: null,
  timeZone: null,
  entity: null,
  missing: [-9999, -99999],
  raggedRows: 'skip',
  hopRows: null,
  fillRows: FILL_ROWS,
  onNotes: () => {},
};

/** What was not as it should be, counted since the last `frames`. */
export interface CsvStats {
  rows: number;
  raggedRows: number;
  /** Values that are no number, read as missing. */
  badValues: number;
  /** Values that are a marker of a missing one. */
  markers: number;
  /** Rows without a time that can be read, headers that come again and lines of totals among them. */
  untimedRows: number;
  /** Where the first of them is. */
  firstUntimed: string;
  /** Times that lie before the one above them: a clock that was set, or summer time that ended. */
  backSteps: number;
  /** What was told of a clock that stood still; empty where none did. */
  stoppedClock: string;
  /** Rows that bear the same time, where times are coarser than the rows; else 1. */
  sharedTimes: number;
  /** Rows of NaN that stand for missing ones. */
  filledRows: number;
}

/** Rows read before the columns and the rate are decided. */
const FIRST_ROWS = 64;
/** Fields of a row that are shown to a person. */
const SHOWN_FIELDS = 6;
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
  /** What was taken for granted of the file, and what is left out of it; known once the first rows were read. */
  notes: readonly string[] = [];
  readonly stats: CsvStats = emptyStats();
  readonly #options: CsvOptions;

  constructor(options: Partial<CsvOptions> & Pick<CsvOptions, 'id' | 'path'>) {
    this.id = options.id;
    this.#options = { ...csvDefaults, ...options };
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    Object.assign(this.stats, emptyStats());
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
    const first: Row[] = [];
    for (let row = await rows.next(); row.done !== true; row = await rows.next())
      if (first.push(row.value) > FIRST_ROWS) break;
    first.splice(0, preambleRows(first.map(({ fields }) => fields)));
    const [top] = first;
    if (top === undefined) throw wrong(path, 1, 'expected a header line, found an empty file');
    const names = namesWithout(top.fields);
    const header = names ?? trimmed(top.fields);
    if (names === null) first.shift();
    const units = unitsOf(first, header.length);
    const usable = first.flatMap(({ fields }) => fitted(fields, header.length) ?? []);
    if (usable.length === 0 && first[0] !== undefined)
      throw noneFits(path, first[0], header.length, separator);
    const layout = layoutOf(
      header.map((name, i) => withUnit(name, units?.[i] ?? '')),
      usable.map((row) => row.fields),
      { ...this.#options, maxChannels: MAX_CHANNELS },
    );
    const { entity } = layout;
    const watched = usable.map(({ fields }) => fields).filter((fields) => isOf(entity, fields));
    const times = await this.#times(layout, watched);
    this.notes = [...leftOut(layout), ...times.notes];
    if (this.notes.length > 0) this.#options.onNotes(this.notes);
    this.stats.sharedTimes = times.shared;
    const table = new TableReader(this.#options, layout, times, this.stats);
    yield table.rows.start();
    for (const row of first) yield* table.row(row);
    for await (const row of rows) yield* table.row(row);
    yield* table.rows.end();
  }

  async #times(layout: Layout, rows: readonly (readonly string[])[]): Promise<FileTimes> {
    const { path, rateHz, dayOrder, timeZone } = this.#options;
    if (layout.time.length === 0) {
      if (rateHz !== null) return { rateHz, shared: 1, style: NO_STYLE, startMs: undefined, notes: [] };
      throw wrong(
        path,
        1,
        'expected a time column or "rateHz" in the configuration (catnap replay: --rate), found neither',
      );
    }
    const texts = rows.map((row) => timeText(row, layout));
    const { order, notes } = await dayOrderOf(path, texts, dayOrder);
    // A number of seconds is no day for long: it comes to the 32nd.
    const isCompact = layout.timeUnit === null && !texts.some((text) => Number.isNaN(compactMsOf(text)));
    const styleOf = () => ({
      unitSeconds: layout.timeUnit,
      dayOrder: order,
      isCompact,
      local: localOf(timeZone),
    });
    const first = styleOf();
    const times = texts.map((text) => timeMsOf(text, first));
    // Local times are told apart by those before them: the rows are read from the beginning.
    const style = styleOf();
    if (texts[0] !== undefined && times.every(Number.isNaN)) throw noTime(path, 2, texts[0]);
    const known = times.filter((time) => !Number.isNaN(time));
    const [startMs] = known;
    if (rateHz !== null) return { rateHz, shared: 1, style, startMs, notes };
    return { ...rowTimesOf(path, known), style, startMs, notes };
  }
}

const NO_STYLE: TimeStyle = { unitSeconds: null, dayOrder: 'dmy' };

interface FileTimes extends RowTimes {
  readonly style: TimeStyle;
  /** Of the first row, in milliseconds since the epoch. */
  readonly startMs: number | undefined;
  /** What was taken for granted. */
  readonly notes: readonly string[];
}

function emptyStats(): CsvStats {
  return {
    rows: 0,
    raggedRows: 0,
    badValues: 0,
    markers: 0,
    untimedRows: 0,
    firstUntimed: '',
    backSteps: 0,
    stoppedClock: '',
    sharedTimes: 1,
    filledRows: 0,
  };
}

function noTime(path: string, line: number, text: string): CatnapError {
  return wrong(
    path,
    line,
    `expected a time (2025-12-31 23:59:59, or seconds), found "${text.slice(0, 40)}"; or name the column in "ignore" and set "rateHz"`,
  );
}

function isOf(entity: Layout['entity'], fields: readonly string[]): boolean {
  return entity === null || fields[entity.index] === entity.wanted;
}

/** Without empty fields at the end, which a comma too many leaves. */
function trimmed(fields: readonly string[]): readonly string[] {
  const last = fields.findLastIndex((field) => field !== '');
  return fields.slice(0, last + 1);
}

/** A row of as many fields as the header has, be it for a comma too many at its end; null for another. */
function fitted(fields: readonly string[], length: number): { readonly fields: readonly string[] } | null {
  if (fields.length === length) return { fields };
  const isLonger = fields.length > length && fields.slice(length).every((field) => field === '');
  return isLonger ? { fields: fields.slice(0, length) } : null;
}

/** No row has as many fields as the header, as the first shows. */
function noneFits(path: string, { fields, line }: Row, length: number, separator: Separator): CatnapError {
  const shown = fields.slice(0, SHOWN_FIELDS).map((field) => `"${field.slice(0, 40)}"`);
  const found = `${fields.length}: ${shown.join(', ')}${fields.length > SHOWN_FIELDS ? ', ...' : ''}`;
  const remedy = `put what holds ${separator === '\t' ? 'a tab' : `a "${separator}"`} in quotes, or set "separator"`;
  return wrong(path, line, `expected ${length} fields as in the header, found ${found}; ${remedy}`);
}

function leftOut({ words, empty }: Layout): readonly string[] {
  return [
    ...(words.length === 0 ? [] : [`not watched, for they hold words: ${words.join(', ')}`]),
    ...(empty.length === 0 ? [] : [`empty at first, watched once values come: ${empty.join(', ')}`]),
  ];
}

/** The units of a row under the header that says nothing else; takes that row out of `first`. */
function unitsOf(first: Row[], length: number): readonly string[] | null {
  const [top, second] = first;
  const units = top === undefined ? null : fitted(top.fields, length);
  if (units === null || !isUnitsRow(units.fields, second?.fields)) return null;
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
  /** The last time that was written, and rows since then that bear it. */
  #stampMs = Number.NaN;
  #sharing = 0;
  readonly #clock = new ClockWatch(({ state, detail }) => {
    if (state !== 'ok') this.stats.stoppedClock = detail;
  });

  constructor(
    readonly options: CsvOptions,
    readonly layout: Layout,
    readonly times: FileTimes,
    readonly stats: CsvStats,
  ) {
    const { rateHz, startMs } = times;
    this.rows = new TimedRows({ ...options, rateHz, startMs, channels: layout.channels });
  }

  *row({ fields: given, line }: Row): Generator<SourceItem> {
    const { layout, stats } = this;
    const fields = fitted(given, layout.fields)?.fields;
    if (fields === undefined) {
      const found = `expected ${layout.fields} fields as in the header, found ${given.length}`;
      if (this.options.raggedRows === 'refuse') throw wrong(this.options.path, line, found);
      stats.raggedRows++;
      yield* this.rows.lose(1, 'garbage');
      return;
    }
    if (!this.#isWanted(fields, line)) return;
    if (layout.time.length > 0) {
      const timeMs = this.#time(timeText(fields, layout), line);
      if (Number.isNaN(timeMs)) {
        this.rows.skip();
        return;
      }
      yield* this.rows.reach(timeMs);
    }
    stats.rows++;
    stats.filledRows = this.rows.filledRows;
    yield* this.rows.row((c) => this.#value(fields, c));
  }

  /** Rows of other devices are passed over where one was chosen, and refused where none was. */
  #isWanted(fields: readonly string[], line: number): boolean {
    const { entity } = this.layout;
    if (entity === null) return true;
    if (isOf(entity, fields)) return true;
    const found = fields[entity.index] as string;
    if (this.options.entity !== null || found === '' || found === entity.name) return false;
    throw manyEntities(this.options.path, line, entity.name, [entity.wanted, found]);
  }

  /** Times that several rows share lie evenly behind the one that is written. NaN for a text that is no time. */
  #time(text: string, line: number): number {
    const { style, rateHz, shared } = this.times;
    const timeMs = timeMsOf(text, style);
    if (Number.isNaN(timeMs)) {
      if (this.stats.untimedRows++ === 0) this.stats.firstUntimed = `line ${line} "${text.slice(0, 40)}"`;
      return timeMs;
    }
    if (timeMs < this.#stampMs) this.stats.backSteps++;
    this.#clock.take(timeMs);
    this.#sharing = timeMs === this.#stampMs ? Math.min(this.#sharing + 1, shared) : 0;
    this.#stampMs = timeMs;
    return timeMs + (shared === 1 ? 0 : (this.#sharing * 1000) / rateHz);
  }

  #value(fields: readonly string[], c: number): number {
    const { index, unit } = this.layout.channels[c] as Layout['channels'][number];
    const quantity = quantityOf(fields[index] as string);
    if (quantity === null || (quantity.unit !== '' && quantity.unit !== unit)) {
      this.stats.badValues++;
      return Number.NaN;
    }
    if (!this.options.missing.includes(quantity.value)) return quantity.value;
    this.stats.markers++;
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

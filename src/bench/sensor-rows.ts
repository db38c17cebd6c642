import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';
import { CatnapError } from '../core/errors.js';
import type { ChannelFormat, Source } from '../core/signal/frame.js';
import { timeMsOf } from '../sources/times.js';

/** A labelled table of a benchmark, row by row. */
export interface SensorTable {
  readonly name: string;
  readonly channels: readonly ChannelFormat[];
  /** Interleaved; NaN where a value is missing. */
  readonly data: Float32Array;
  readonly rows: number;
  /** Milliseconds since the epoch of each row. */
  readonly timesMs: Float64Array;
  /** Columns that are labels, by name. */
  readonly labels: Readonly<Record<string, Float32Array>>;
}

/**
 * Reads a table whose first column is time.
 * @throws CatnapError `SOURCE_UNAVAILABLE`, `SOURCE_FORMAT`.
 */
export function readTable(path: string, delimiter: string, labelNames: readonly string[]): SensorTable {
  const records = recordsOf(path, delimiter);
  const header = records[0] ?? [];
  const rows = records.length - 1;
  const named = header.slice(1).map((name, i) => ({ name, column: i + 1 }));
  const channels = named.filter(({ name }) => !labelNames.includes(name));
  if (channels.length === 0 || rows < 1) {
    throw new CatnapError(
      'SOURCE_FORMAT',
      `${path}: expected a time column and channels, found ${header.join(', ')}`,
    );
  }
  const column = (index: number) =>
    Float32Array.from({ length: rows }, (_, row) => numberAt(records[row + 1]?.[index]));
  const values = channels.map(({ column: index }) => column(index));
  const data = new Float32Array(rows * channels.length);
  values.forEach((series, c) => {
    for (let row = 0; row < rows; row++) data[row * channels.length + c] = series[row] as number;
  });
  return {
    name: basename(path, '.csv'),
    channels: channels.map(({ name }) => ({ name, unit: '' })),
    data,
    rows,
    timesMs: Float64Array.from({ length: rows }, (_, row) => timeMsOf(records[row + 1]?.[0] ?? '')),
    labels: Object.fromEntries(
      named
        .filter(({ name }) => labelNames.includes(name))
        .map(({ name, column: index }) => [name, column(index)]),
    ),
  };
}

/**
 * What stands between the columns of a table: `;` where its first line has one, else `,`.
 * @throws CatnapError `SOURCE_UNAVAILABLE`.
 */
export function delimiterOf(path: string): string {
  const [header = ''] = textOf(path).split('\n', 1);
  return header.includes(';') ? ';' : ',';
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CatnapError('SOURCE_UNAVAILABLE', `${path}: cannot be read`, { cause });
  }
}

function recordsOf(path: string, delimiter: string): readonly (readonly string[])[] {
  const text = textOf(path);
  try {
    return parse(text, { delimiter, bom: true, skip_empty_lines: true });
  } catch (cause) {
    throw new CatnapError('SOURCE_FORMAT', `${path}: not a table`, { cause });
  }
}

function numberAt(text: string | undefined): number {
  return text === undefined || text.trim() === '' ? Number.NaN : Number(text);
}

/**
 * A table as a signal: each row is the next sample, whatever its time says, because the benchmarks count rows.
 */
export function tableSource(table: SensorTable, rateHz: number): Source {
  const { name: source, channels, data } = table;
  return {
    id: source,
    async *frames() {
      yield { kind: 'format', source, rateHz, channels };
      yield { kind: 'frame', source, sample: 0, rateHz, channels: channels.length, data };
    },
  };
}

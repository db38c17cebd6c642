import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SourceItem } from '../../../../src/core/signal/frame.js';
import { type CsvOptions, CsvSource } from '../../../../src/sources/table/csv.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

async function fileOf(text: string | Buffer): Promise<string> {
  const path = join(temporaryFolder(), 'pump.csv');
  await writeFile(path, text);
  return path;
}

/** Plays a CSV text as fast as it goes. */
async function play(text: string | Buffer, options: Partial<CsvOptions> = {}) {
  const source = new CsvSource({ id: 'pump', ...options, path: await fileOf(text) });
  const items: SourceItem[] = [];
  for await (const item of source.frames(new AbortController().signal))
    items.push(item.kind === 'frame' ? { ...item, data: item.data.slice() } : item);
  return {
    stats: source.stats,
    format: items.find((item) => item.kind === 'format'),
    rows: items.flatMap((item) => (item.kind === 'frame' ? [[item.sample, ...item.data]] : [])),
    gaps: items.flatMap((item) =>
      item.kind === 'gap' ? [[item.sample, item.lostSamples, item.reason]] : [],
    ),
  };
}

const second = (n: number) => `2020-03-09 10:14:${String(n).padStart(2, '0')}`;

describe('a CSV source', () => {
  it.each([
    ['spring', ['31.03.2024 01:00', '31.03.2024 01:30', '31.03.2024 03:00', '31.03.2024 03:30']],
    ['autumn', ['27.10.2024 02:00', '27.10.2024 02:30', '27.10.2024 02:00', '27.10.2024 02:30']],
  ])('reads local times of a zone over the change of its clocks in %s', async (_, times) => {
    const text = `time;flow\n${times.map((time, i) => `${time};${i}`).join('\n')}\n`;
    const { format, rows, gaps } = await play(text, { timeZone: 'Europe/Berlin' });
    expect(format).toMatchObject({ rateHz: 1 / 1800 });
    expect(gaps).toEqual([]);
    expect(rows).toEqual([0, 1, 2, 3].map((n) => [n, n]));
    const { gaps: asUtc, rows: utcRows } = await play(text);
    expect(asUtc.length > 0 || utcRows.length > 4).toBe(true);
  });

  it('takes names, units and rate from the file itself', async () => {
    const { format, rows } = await play(
      `datetime,flow (L/min),temperature [°C]\n${second(1)},1.5,20\n${second(3)},2.5,21\n${second(5)},3.5,22\n`,
    );
    expect(format).toMatchObject({
      rateHz: 0.5,
      channels: [
        { name: 'flow', unit: 'L/min' },
        { name: 'temperature', unit: '°C' },
      ],
    });
    expect(rows).toEqual([
      [0, 1.5, 20],
      [1, 2.5, 21],
      [2, 3.5, 22],
    ]);
  });

  it.each([
    ['a comma', 'a,b\n1,2\n'],
    ['a semicolon, with decimal commas', 'a;b\n1,0;2,0\n'],
    ['a tab', 'a\tb\n1\t2\n'],
    ['a bar', 'a|b\n1|2\n'],
    ['a byte order mark and CRLF', '\ufeffa,b\r\n1,2\r\n'],
    ['quotes, spaces and blank lines', '"a", b\n\n1, 2\n\n'],
  ])('reads a file with %s', async (_, text) => {
    const { format, rows } = await play(text, { rateHz: 1 });
    expect(format?.kind === 'format' && format.channels.map((channel) => channel.name)).toEqual(['a', 'b']);
    expect(rows).toEqual([[0, 1, 2]]);
  });

  it('reads a missing value as NaN, in every common spelling', async () => {
    const { rows } = await play('a,b\n1,\n2,NA\n3,NaN\n4,null\n5,-\n6,7\n', { rateHz: 1 });
    expect(rows.map((row) => row[2])).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      Number.NaN,
      7,
    ]);
  });

  it('counts a word among numbers and gives NaN for it', async () => {
    const head = Array.from({ length: 64 }, (_, i) => `${i}\n`).join('');
    const { rows, stats } = await play(`a\n${head}ERR\n65\n`, { rateHz: 1 });
    expect(rows[64]).toEqual([64, Number.NaN]);
    expect(rows[65]).toEqual([65, 65]);
    expect(stats.badValues).toBe(1);
  });

  it('counts a word that stands among the first numbers too, and watches the column all the same', async () => {
    const { rows, stats } = await play('a,b\n1,2\nERR,3\n3,4\n4,5\n', { rateHz: 1 });
    expect(rows[1]).toEqual([1, Number.NaN, 3]);
    expect(stats.badValues).toBe(1);
  });

  it.each([
    ['seconds with a decimal comma', 'time;a\n0,5;1\n1,0;2\n1,5;3\n', 2],
    ['milliseconds, by the unit of the header', 'time (ms),a\n0,1\n20,2\n40,3\n', 50],
    ['milliseconds, by the name', 'time_ms,a\n0,1\n20,2\n40,3\n', 50],
    ['days with dots', 'Date,a\n31.12.2024 23:59:59,1\n01.01.2025 00:00:00,2\n01.01.2025 00:00:01,3\n', 1],
    ['days with slashes, the year first', 'ts,a\n2025/01/01 10:00:00,1\n2025/01/01 10:00:02,2\n', 0.5],
    ['a date and a time in two columns', 'Date,Time,a\n2025-01-01,9:59:58,1\n2025-01-01,10:00:00,2\n', 0.5],
    ['dates, whatever the column is called', 'Datum;a\n01.03.2025 10:00;1\n01.03.2025 10:01;2\n', 1 / 60],
    ['a time of day alone', 'time,a\n10:00:00,1\n10:00:10,2\n', 0.1],
    ['days without a sign between', 'date,a\n20240229,1\n20240301,2\n20240302,3\n', 1 / 86_400],
    ['names of months', 'date,a\nJan 1 2024,1\nJan 2 2024,2\n"Jan 3, 2024",3\n', 1 / 86_400],
    [
      'seconds behind lines of a station',
      '703165,"SAND POINT",AK\n\ntime,flow,temp,wind\n0,1,2,3\n1,2,3,4\n2,3,4,5\n',
      1,
    ],
    ['a row of units under the header', 'time;flow\ns;L/min\n0;1\n1;2\n', 1],
  ])('reads times as %s', async (_, text, rateHz) => {
    const { format, rows } = await play(text);
    expect(format).toMatchObject({ rateHz });
    expect(rows.map(([, value]) => value)).toEqual([1, 2, 3].slice(0, rows.length));
  });

  it.each([
    ['microseconds', 'ts,a\n1712000000000000,1\n1712000001000000,2\n', 1],
    ['nanoseconds', 'ts,a\n1712000000000000000,1\n1712000001000000000,2\n', 1],
    ['AM and PM', 'time,a\n1/31/2024 11:59:50 AM,1\n1/31/2024 12:00:00 PM,2\n', 0.1],
    [
      'months first, as the file shows further down',
      'time,a\n1/2/2024 10:00,1\n1/31/2024 10:00,2\n',
      1 / 2_505_600,
    ],
    ['days first', 'time,a\n30/1/2024 10:00,1\n31/1/2024 10:00,2\n', 1 / 86_400],
    ['zones that differ', 'time,a\n2024-03-31 01:59:59+01:00,1\n2024-03-31 03:00:00+02:00,2\n', 1],
  ])('tells %s apart', async (_, text, rateHz) => {
    const { format, rows, gaps } = await play(text);
    expect(format?.kind === 'format' && format.rateHz).toBeCloseTo(rateHz, 9);
    expect(rows.map(([, value]) => value)).toEqual([1, 2]);
    expect(gaps).toEqual([]);
  });

  it('spreads rows that share a time evenly', async () => {
    const text = Array.from({ length: 40 }, (_, i) => `${100 + Math.floor(i / 10)},${i}`).join('\n');
    const { format, rows, gaps, stats } = await play(`time,a\n${text}\n`);
    expect(format).toMatchObject({ rateHz: 10 });
    expect([rows.length * 1, gaps.length, stats.sharedTimes]).toEqual([40, 0, 10]);
  });

  it.each([
    ['an empty time', ',9'],
    ['the header again', 'time,a'],
    ['a line of totals', 'Total,42'],
  ])('loses a row, not the file, for %s', async (_, line) => {
    const { rows, stats } = await play(`time,a\n1,1\n2,2\n3,3\n${line}\n5,5\n`);
    expect(rows.map(([, value]) => value)).toEqual([1, 2, 3, Number.NaN, 5]);
    expect(stats).toMatchObject({ untimedRows: 1, firstUntimed: expect.stringContaining('line 5') });
  });

  it('loses nothing for a header or a line of totals between two rows that follow each other', async () => {
    const { rows, gaps, stats } = await play('time,a\n1,1\n2,2\nTotal,3\ntime,a\n3,3\n4,4\n');
    expect(rows.map(([, value]) => value)).toEqual([1, 2, 3, 4]);
    expect(gaps).toEqual([]);
    expect(stats.untimedRows).toBe(2);
  });

  it('takes a column of seconds since 1970 for the time of a file without a header', async () => {
    const { format, rows } = await play('1767225600,1,7\n1767225660,2,8\n1767225720,3,9\n');
    expect(format).toMatchObject({ channels: [{ name: 'column 2' }, { name: 'column 3' }] });
    expect(rows).toHaveLength(3);
  });

  it('reads decimal commas in quotes, units behind numbers and a comma too many', async () => {
    const { format, rows } = await play('time,flow,p\n1,"12,5",101.3 kPa,\n2,"13,5",101.4 kPa,\n');
    expect(format).toMatchObject({ channels: [{ name: 'flow' }, { name: 'p', unit: 'kPa' }] });
    expect(rows.map(([, flow]) => flow)).toEqual([12.5, 13.5]);
  });

  it('takes markers for missing, another unit too', async () => {
    const { rows, stats } = await play('a,b\n-9999,1 bar\n2,2 bar\n3,3 mbar\n4,4 bar\n', { rateHz: 1 });
    expect(rows.map(([, a, b]) => [a, b])).toEqual([
      [Number.NaN, 1],
      [2, 2],
      [3, Number.NaN],
      [4, 4],
    ]);
    expect(stats).toMatchObject({ markers: 1, badValues: 1 });
  });

  it('names the columns of a file without a header', async () => {
    const { format, rows } = await play('2024-01-01 10:00:00,1,2\n2024-01-01 10:00:01,3,4\n');
    expect(format).toMatchObject({ rateHz: 1, channels: [{ name: 'column 2' }, { name: 'column 3' }] });
    expect(rows).toEqual([
      [0, 1, 2],
      [1, 3, 4],
    ]);
  });

  it('watches a column that is empty at first', async () => {
    const head = Array.from({ length: 70 }, (_, i) => `${i},,${i}\n`).join('');
    const { format, rows } = await play(`time,flow,p\n${head}70,5,6\n`);
    expect(format).toMatchObject({ channels: [{ name: 'flow' }, { name: 'p' }] });
    expect(rows[70]).toEqual([70, 5, 6]);
  });

  it('takes one device out of a table of several, under its name', async () => {
    const text = 'entity_id,state,last_changed\nboiler,61,10\ncellar,12,10\nboiler,62,20\ncellar,13,20\n';
    const { format, rows } = await play(text, { entity: 'cellar' });
    expect(format).toMatchObject({ rateHz: 0.1, channels: [{ name: 'cellar' }] });
    expect(rows.map(([, value]) => value)).toEqual([12, 13]);
  });

  it('takes units from a row of their own', async () => {
    const { format } = await play('time;flow;p\ns;(L/min);bar\n0;1;2\n1;2;3\n');
    expect(format).toMatchObject({
      channels: [
        { name: 'flow', unit: 'L/min' },
        { name: 'p', unit: 'bar' },
      ],
    });
  });

  it('says which columns it leaves out because they hold words', async () => {
    const source = new CsvSource({ id: 'pump', path: await fileOf('state,flow\nok,1\nok,2\n'), rateHz: 1 });
    for await (const _ of source.frames(new AbortController().signal));
    expect(source.notes).toEqual(['not watched, for they hold words: state']);
  });

  it('says which day it took a single one for that reads either way', async () => {
    const notes = async (day: string, asked: Partial<CsvOptions> = {}) => {
      const text = `time,a\n${day} 10:00,1\n${day} 10:01,2\n`;
      const source = new CsvSource({ id: 'pump', path: await fileOf(text), ...asked });
      for await (const _ of source.frames(new AbortController().signal));
      return source.notes;
    };
    expect(await notes('03/05/2024')).toEqual([
      '03/05/2024 was taken as day/month: where that is wrong, set "dayOrder" to mdy',
    ]);
    expect(await notes('03/05/2024', { dayOrder: 'mdy' })).toEqual([]);
    expect(await notes('03/03/2024')).toEqual([]);
    expect(await notes('13/03/2024')).toEqual([]);
  });

  it('leaves out columns of words and columns that are to be ignored', async () => {
    const { format } = await play('state,flow,anomaly\nok,1,0\nok,2,1\n', { rateHz: 1, ignore: ['anomaly'] });
    expect(format).toMatchObject({ channels: [{ name: 'flow' }] });
  });

  it('fills a few missing rows with NaN and makes a gap of many', async () => {
    const { rows, gaps } = await play(
      `time,a\n${[0, 1, 2, 4, 5, 20, 21].map((n) => `${second(n)},${n}`).join('\n')}\n`,
    );
    expect(rows.map((row) => row[0])).toEqual([0, 1, 2, 3, 4, 5, 20, 21]);
    expect(rows[3]).toEqual([3, Number.NaN]);
    expect(gaps).toEqual([[6, 14, 'lost']]);
  });

  it('puts a gap where time goes back', async () => {
    const { rows, gaps } = await play(
      `time,a\n${[0, 1, 2, 0, 1].map((n) => `${second(n)},${n}`).join('\n')}\n`,
    );
    expect(gaps).toEqual([[3, 0, 'reset']]);
    expect(rows.map((row) => row[0])).toEqual([0, 1, 2, 3, 4]);
  });

  it('says that the clock of its times stood still', async () => {
    const text = Array.from({ length: 200 }, (_, i) => `${Math.min(i, 100)},${i}`).join('\n');
    const { stats, rows } = await play(`time,a\n${text}\n`);
    expect(rows).toHaveLength(200);
    expect(stats.stoppedClock).toMatch(/^the clock of its times has stopped: 31 rows bear /);
  });

  it('reads the same times on machines of any zone', async () => {
    const { format } = await play('ts,a\n1583748000,1\n1583748010,2\n1583748020,3\n');
    expect(format).toMatchObject({ rateHz: 0.1 });
  });

  it('lets a ragged row cost its values only, and makes a gap of more in a row than are filled', async () => {
    const { rows, gaps, stats } = await play(
      `time,a,b\n${second(0)},1,2\n${second(1)},3\n${second(2)},5,6\n${second(3)},7,8,9\n${second(4)},9,10\n`,
    );
    expect(gaps).toEqual([]);
    expect(rows).toEqual([
      [0, 1, 2],
      [1, Number.NaN, Number.NaN],
      [2, 5, 6],
      [3, Number.NaN, Number.NaN],
      [4, 9, 10],
    ]);
    expect(stats.raggedRows).toBe(2);
    const many = await play(`a,b\n1,2\n${'x\n'.repeat(8)}3,4\n`, { rateHz: 1 });
    expect(many.rows.map(([at]) => at)).toEqual([0, 9]);
    expect(many.gaps).toEqual([
      [1, 6, 'garbage'],
      [7, 2, 'garbage'],
    ]);
  });

  it('counts rows whose times cannot be read as lost, and goes on at the time of the next', async () => {
    const times = [second(0), second(1), 'n/a', 'n/a', 'n/a', second(5), second(6), second(7)];
    const { rows, gaps } = await play(`time,a\n${times.map((time, n) => `${time},${n}`).join('\n')}\n`);
    expect(gaps).toEqual([]);
    expect(rows).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n, n > 1 && n < 5 ? Number.NaN : n]));
  });

  it('names the line of a ragged row when it is to refuse them', async () => {
    await expect(play('a,b\n1,2\n3\n', { rateHz: 1, raggedRows: 'refuse' })).rejects.toMatchObject({
      code: 'SOURCE_FORMAT',
      message: expect.stringMatching(/pump\.csv line 3: expected 2 fields as in the header, found 1/),
    });
  });

  it.each([
    ['an empty file', '', {}, /expected a header line/],
    ['no rate', 'a\n1\n2\n', {}, /expected a time column or "rateHz"/],
    ['no numbers', 'a,b\nx,y\n', { rateHz: 1 }, /expected at least one column of numbers/],
    [
      'an unknown column',
      'a,b\n1,2\n',
      { rateHz: 1, columns: ['flow'] },
      /expected a column "flow", found a, b/,
    ],
    ['one name twice', 'a,a\n1,2\n', { rateHz: 1 }, /found "a" twice/],
    [
      'times that leave day and month open',
      'time,a\n3/1/2025 10:00,1\n4/1/2025 10:00,1\n',
      {},
      /line 2: expected times that tell day from month, found 3\/1\/2025 and 4\/1\/2025; set "dayOrder"/,
    ],
    [
      'times whose commas are not in quotes',
      'time,a\nMar 5, 2024 10:00,1\nMar 5, 2024 10:01,2\n',
      {},
      /line 2: expected 2 fields as in the header, found 3: "Mar 5", "2024 10:00", "1"; put what holds a "," in quotes/,
    ],
    [
      'a column of words alone, with what stands in it',
      'time,a\n1,high\n2,low\n',
      {},
      /line 2: expected at least one column of numbers, found a "high"; name those to watch in "columns"/,
    ],
    [
      'two devices below each other',
      'entity_id,state,last_changed\nboiler,1,10\ncellar,2,10\nboiler,1,20\n',
      {},
      /expected rows of one device, found boiler, cellar in the column entity_id; choose one with "entity"/,
    ],
    [
      'a time that is none',
      'time,a\nsoon,1\n',
      { rateHz: 1 },
      /line 2: expected a time .* found "soon"; or name the column in "ignore"/,
    ],
    ['an unclosed quote', 'a,b\n1,"2\n3,4\n', { rateHz: 1 }, /pump\.csv line \d+: /],
    ['UTF-16', Buffer.from('\ufeffa,b\n1,2\n', 'utf16le'), { rateHz: 1 }, /expected UTF-8, found UTF-16/],
  ] as const)('refuses %s clearly', async (_, text, options, message) => {
    await expect(play(text, options)).rejects.toMatchObject({
      code: 'SOURCE_FORMAT',
      message: expect.stringMatching(message),
    });
  });

  /** A header and one row of ones. */
  const wide = (columns: number) =>
    `${Array.from({ length: columns }, (_, i) => `c${i}`).join(',')}\n${'1,'.repeat(columns - 1)}1\n`;

  it('refuses a million channels, and says what to do', { timeout: 120_000 }, async () => {
    await expect(play(wide(1_000_000), { rateHz: 1 })).rejects.toThrow(
      /at most 256 channels, found 1000000; name the ones to watch in "columns"/,
    );
  });

  it('reads the columns that are named among very many', async () => {
    const { rows } = await play(wide(50_000), { rateHz: 1, columns: ['c7', 'c49999'] });
    expect(rows).toEqual([[0, 1, 1]]);
  });

  it('names a file that is not there', async () => {
    const source = new CsvSource({ id: 'pump', path: '/nowhere/pump.csv' });
    await expect(source.frames(new AbortController().signal).next()).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining('/nowhere/pump.csv'),
    });
  });
});

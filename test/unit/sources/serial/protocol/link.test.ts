import { describe, expect, it } from 'vitest';
import { BoardLink } from '../../../../../src/sources/serial/protocol/link.js';
import { hello, line, olderVersion, readAll, samples } from '../../../../support/bridge.js';

const frames = (items: ReturnType<typeof readAll>) => items.filter((item) => item.kind === 'frame');
const gaps = (items: ReturnType<typeof readAll>) =>
  items.flatMap((item) => (item.kind === 'gap' ? [[item.sample, item.lostSamples, item.reason]] : []));

describe('a board link', () => {
  it('announces the format of the hello before its first hop', () => {
    const items = readAll(line(hello(), samples(0, 1)));
    expect(items[0]).toEqual({
      kind: 'format',
      source: 'board',
      rateHz: 10,
      channels: [
        { name: 'flow', unit: 'L/min' },
        { name: 'level', unit: 'm' },
      ],
    });
    expect(items[1]?.kind).toBe('frame');
  });

  it('gives values in the unit of their channel, and NaN for a missing one', () => {
    const [frame] = frames(readAll(line(hello(), samples(0, 1, { values: [31, null] }))));
    expect(Array.from(frame?.data ?? [])).toEqual([15.5, Number.NaN]);
  });

  it('takes no sample whose description it has not seen', () => {
    const link = new BoardLink('board', { hopRows: null });
    expect(readAll(line(samples(0, 3)), link)).toEqual([]);
    expect(link.stats.rowsRefused).toBe(3);
  });

  it('asks for a hello when samples of an unknown session come', () => {
    let asked = 0;
    const link = new BoardLink('board', { hopRows: null, events: { helloWanted: () => asked++ } });
    readAll(line(hello(), samples(0, 1), samples(1, 1, { session: 101 })), link);
    expect(asked).toBe(1);
    expect(link.stats.rowsRefused).toBe(1);
  });

  it('reports lost rows exactly, and puts the next hop behind them', () => {
    const items = readAll(line(hello(), samples(0, 2), samples(8, 1)));
    expect(gaps(items)).toEqual([[2, 6, 'lost']]);
    expect(frames(items).map((frame) => frame.sample)).toEqual([0, 1, 8]);
  });

  it('gives few lost rows as missing values, so that they break nothing off', () => {
    const items = readAll(line(hello(), samples(0, 2), samples(7, 1)));
    expect(gaps(items)).toEqual([]);
    expect(frames(items).map(({ data }) => data[0])).toEqual([0, 0.5, ...Array(5).fill(Number.NaN), 3.5]);
  });

  it('tells losses that the board reports one by one as one run, the first at once', () => {
    const lost = (firstRow: number) =>
      ({ kind: 'overrun', session: 100, firstRow, rows: 10, reason: 'budget' }) as const;
    const items = readAll(line(hello(), samples(0, 1), ...[1, 11, 21, 31].map(lost), samples(41, 1)));
    expect(gaps(items)).toEqual([
      [1, 10, 'overrun'],
      [11, 30, 'overrun'],
    ]);
    expect(frames(items).map((frame) => frame.sample)).toEqual([0, 41]);
  });

  it('tells what a board keeps to itself for hours as one run', () => {
    const quiet = (firstRow: number) =>
      ({
        kind: 'summary',
        session: 100,
        firstRow,
        rows: 600,
        channels: [{ min: 1, max: 2, mean: 1, variance: 0.5 }],
      }) as const;
    const firsts = Array.from({ length: 50 }, (_, i) => 1 + 600 * i);
    const items = readAll(line(hello(), samples(0, 1), ...firsts.map(quiet), samples(30_001, 1)));
    expect(gaps(items)).toEqual([
      [1, 600, 'gated'],
      [601, 29_400, 'gated'],
    ]);
  });

  it('begins the sample clock at the first row it hears', () => {
    const items = readAll(line(hello(), samples(5000, 2)));
    expect(frames(items).map((frame) => frame.sample)).toEqual([0, 1]);
  });

  it('counts on when the row index wraps', () => {
    const items = readAll(line(hello(), samples(0xffff_ffff, 1), samples(0, 1), samples(9, 1)));
    expect(frames(items).map((frame) => frame.sample)).toEqual([0, 1, 10]);
    expect(gaps(items)).toEqual([[2, 8, 'lost']]);
  });

  it('calls a loss garbage when bytes were unreadable where it happened', () => {
    const bytes = line(hello(), samples(0, 1), samples(1, 8), samples(9, 1));
    const broken = Buffer.from(bytes);
    const third = bytes.length - line(samples(1, 8)).length - line(samples(9, 1)).length + 5;
    broken[third] = (broken[third] as number) ^ 0x40;
    expect(gaps(readAll(broken))).toEqual([[1, 8, 'garbage']]);
  });

  it('says why rows are missing when the board does', () => {
    const overrun = { kind: 'overrun', session: 100, firstRow: 1, rows: 8, reason: 'budget' } as const;
    const quiet = {
      kind: 'summary',
      session: 100,
      firstRow: 10,
      rows: 10,
      channels: [{ min: 1, max: 2, mean: 1, variance: 0.5 }],
    } as const;
    const items = readAll(line(hello(), samples(0, 1), overrun, samples(9, 1), quiet, samples(20, 1)));
    expect(gaps(items)).toEqual([
      [1, 8, 'overrun'],
      [10, 10, 'gated'],
    ]);
    expect(frames(items).map((frame) => frame.sample)).toEqual([0, 9, 20]);
  });

  it('puts the rows of an unfinished hop into the gap, so that a hop holds consecutive rows only', () => {
    const link = new BoardLink('board', { hopRows: 4 });
    const items = readAll(line(hello(), samples(0, 6), samples(16, 4)), link);
    expect(frames(items).map((frame) => frame.sample)).toEqual([0, 16]);
    expect(gaps(items)).toEqual([[4, 12, 'lost']]);
  });

  it('goes on with the clock over a cable that was unplugged', () => {
    const link = new BoardLink('board', { hopRows: null });
    readAll(line(hello(), samples(0, 3)), link);
    link.reopen();
    const items = readAll(line(hello({ nextRow: 40 }), samples(40, 1)), link);
    expect(gaps(items)).toEqual([[3, 37, 'lost']]);
    expect(frames(items).map((frame) => frame.sample)).toEqual([40]);
  });

  it('waits for a new hello after reopening', () => {
    const link = new BoardLink('board', { hopRows: null });
    readAll(line(hello(), samples(0, 3)), link);
    link.reopen();
    expect(readAll(line(samples(3, 1)), link)).toEqual([]);
  });

  it('starts behind a gap of unknown length when the board was reset', () => {
    const items = readAll(
      line(hello(), samples(0, 3), hello({ bootId: 2, session: 200 }), samples(0, 1, { session: 200 })),
    );
    expect(gaps(items)).toEqual([[3, 0, 'reset']]);
    expect(frames(items).map((frame) => frame.sample)).toEqual([0, 1, 2, 3]);
  });

  it('announces another format in mid-stream, and refuses samples of the old shape under the new session', () => {
    const channels = hello().channels.slice(0, 1);
    const link = new BoardLink('board', { hopRows: null });
    const items = readAll(
      line(
        hello(),
        samples(0, 2),
        hello({ session: 101, nextRow: 2, channels }),
        samples(2, 1, { session: 101 }),
        samples(12, 1, { session: 101, channels: 1, values: [8] }),
      ),
      link,
    );
    expect(items.filter((item) => item.kind === 'format').map((item) => item.channels.length)).toEqual([
      2, 1,
    ]);
    expect(link.stats.garbage.payload).toBe(1);
    expect(gaps(items)).toEqual([[2, 10, 'garbage']]);
    expect(Array.from(frames(items).at(-1)?.data ?? [])).toEqual([4]);
  });

  it('uses a new scale from the hello that brings it', () => {
    const rescaled = hello({
      session: 101,
      nextRow: 1,
      channels: hello().channels.map((c) => ({ ...c, scale: 2 })),
    });
    const items = readAll(
      line(
        hello(),
        samples(0, 1, { values: [4, 7] }),
        rescaled,
        samples(1, 1, { session: 101, values: [4, 7] }),
      ),
    );
    expect(frames(items).map((frame) => frame.data[0])).toEqual([2, 8]);
  });

  it('takes a row once', () => {
    const link = new BoardLink('board', { hopRows: null });
    const items = readAll(line(hello(), samples(0, 3), samples(1, 2), samples(3, 1)), link);
    expect(frames(items).map((frame) => frame.sample)).toEqual([0, 1, 2, 3]);
    expect(link.stats.rowsRefused).toBe(2);
  });

  it('lets no detection span a device clock that goes back', () => {
    const link = new BoardLink('board', { hopRows: null });
    const items = readAll(
      line(
        hello(),
        { packet: samples(0, 1), timeUs: 9_000_000 },
        { packet: samples(1, 1), timeUs: 5_000_000 },
      ),
      link,
    );
    expect(gaps(items)).toEqual([[1, 0, 'reset']]);
    expect(link.stats.timeRegressions).toBe(1);
  });

  it('takes rows and time both going back for a reset of a board without boot ids', () => {
    const items = readAll(
      line(hello(), { packet: samples(50, 2), timeUs: 9_000_000 }, { packet: samples(0, 1), timeUs: 1000 }),
    );
    expect(gaps(items)).toEqual([[2, 0, 'reset']]);
    expect(frames(items).map((frame) => frame.sample)).toEqual([0, 1, 2]);
  });

  it('refuses a board of another protocol version, naming both', () => {
    expect(() => readAll(olderVersion(hello()))).toThrow(/expected bridge protocol version 1, found 0/);
  });

  it('counts a foreign version among known ones as garbage', () => {
    const link = new BoardLink('board', { hopRows: null });
    const items = readAll(
      Buffer.concat([
        line(hello(), samples(0, 1)),
        olderVersion(samples(1, 1)),
        line({ packet: samples(12, 1), timeUs: 9000 }),
      ]),
      link,
    );
    expect(gaps(items)).toEqual([[1, 11, 'garbage']]);
    expect(link.stats.garbage.version).toBe(1);
  });
});

import { expect, it } from 'vitest';
import { ClockWatch } from '../../../src/sources/clock-watch.js';

function told(times: readonly number[]) {
  const news: string[] = [];
  const watch = new ClockWatch(({ state, detail }) => void news.push(`${state}: ${detail}`));
  for (const time of times) watch.take(time);
  return news;
}

const rows = (count: number, time: (row: number) => number) =>
  Array.from({ length: count }, (_, row) => time(row));

it('tells of a clock that stands still while rows come, and when it goes on', () => {
  const times = [...rows(50, (row) => row * 1000), ...rows(40, () => 50_000), 60_000, 61_000];
  expect(told(times)).toEqual([
    'degraded: the clock of its times has stopped: 31 rows bear 1970-01-01T00:00:50.000Z',
    'ok: the clock of its times goes on',
  ]);
});

it('lets times be coarser than the rows, also from the first one on, and rows be without a time', () => {
  expect(told(rows(2000, (row) => Math.floor(row / 60) * 60_000))).toEqual([]);
  expect(told(rows(200, () => Number.NaN))).toEqual([]);
});

it('knows a clock that was never set', () => {
  expect(told(rows(1001, () => 0))).toHaveLength(1);
});

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { ambiguousDay, type DayOrder } from '../times.js';
import { wrong } from './csv-table.js';

/** Days before their year, as 03/05/2024, wherever they stand in a line. */
const days = /\b\d{1,2}[-/]\d{1,2}[-/](?:\d{4}|\d{2})\b/g;

/**
 * Which of day and month stands first in a file: the one that goes beyond 12 somewhere is the day.
 * @param texts Its first times; only where they leave it open the whole file is looked at.
 * @throws CatnapError `SOURCE_FORMAT` where no line of it tells
 */
export async function dayOrderOf(path: string, texts: readonly string[]): Promise<DayOrder> {
  const first = texts.flatMap((text) => ambiguousDay(text) ?? []);
  if (first.length === 0) return 'dmy';
  const seen = new Set<string>();
  for await (const line of createInterface({ input: createReadStream(path) })) {
    for (const [day] of line.matchAll(days)) {
      const [a, b] = day.split(/[-/]/).map(Number) as [number, number];
      if (a > 12) return 'dmy';
      if (b > 12) return 'mdy';
      seen.add(day);
    }
  }
  // One day alone reads the same either way.
  if (seen.size < 2) return 'dmy';
  throw wrong(
    path,
    2,
    `expected times that tell day from month, found ${[...seen].slice(0, 2).join(' and ')}; set "dayOrder" to dmy or mdy`,
  );
}

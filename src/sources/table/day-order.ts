import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { ambiguousDay, type DayOrder, orderShown } from '../times.js';
import { wrong } from './csv-table.js';

/** Days before their year, as 03/05/2024, wherever they stand in a line. */
const days = /\b\d{1,2}[-/]\d{1,2}[-/](?:\d{4}|\d{2})\b/g;

export interface FileDays {
  readonly order: DayOrder;
  /** What was taken for granted. */
  readonly notes: readonly string[];
}

/**
 * Which of day and month stands first in a file: the one that goes beyond 12 somewhere is the day.
 * @param texts Its first times; only where they leave it open the whole file is looked at.
 * @param asked What the configuration says; null: nothing.
 * @throws CatnapError `SOURCE_FORMAT` where no line of it tells; a single day is taken as day first, and told
 */
export async function dayOrderOf(
  path: string,
  texts: readonly string[],
  asked: DayOrder | null,
): Promise<FileDays> {
  const first = texts.flatMap((text) => ambiguousDay(text) ?? []);
  if (asked !== null || first.length === 0) return { order: asked ?? 'dmy', notes: [] };
  const seen = new Set<string>();
  let isOpen = false;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    for (const [day] of line.matchAll(days)) {
      const [a, b] = day.split(/[-/]/).map(Number) as [number, number];
      const order = orderShown([a, b]);
      if (order !== null) return { order, notes: [] };
      seen.add(day);
      if (a !== b) isOpen = true;
    }
  }
  if (!isOpen) return { order: 'dmy', notes: [] };
  const [only] = seen;
  // Between the times of one day nothing depends on it.
  if (seen.size === 1)
    return {
      order: 'dmy',
      notes: [`${only} was taken as day/month: where that is wrong, set "dayOrder" to mdy`],
    };
  throw wrong(
    path,
    2,
    `expected times that tell day from month, found ${[...seen].slice(0, 2).join(' and ')}; set "dayOrder" to dmy or mdy`,
  );
}

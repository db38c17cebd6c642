import { readFile } from 'node:fs/promises';
import { cascadeEventSchema } from '../core/events/event-schema.js';
import type { CascadeEvent } from '../core/events/events.js';
import { parseJson } from '../core/json.js';
import { segmentPath, segmentsOf } from './journal.js';

/**
 * Events of `[from, to)` (ISO 8601 times; null is open) in the order in which they were published, also while a running
 * Catnap writes the journal. What is damaged is left out.
 *
 * @param folder that of the journal
 */
export async function* journalEvents(
  folder: string,
  from: string | null,
  to: string | null,
): AsyncIterable<CascadeEvent> {
  // An event without a time is of the time of the one before it.
  let wallTime = '';
  for (const first of await segmentsOf(folder)) {
    for (const line of await linesOf(segmentPath(folder, first))) {
      const event = eventOf(line);
      if (event === null) continue;
      wallTime = event.measured?.wallTime ?? wallTime;
      if ((from === null || wallTime >= from) && (to === null || wallTime < to)) yield event;
    }
  }
}

/**
 * The newest `most` events, oldest first; none where there is no journal yet. Reads no more segments than it needs.
 *
 * @param folder that of the journal
 */
export async function newestEvents(folder: string, most: number): Promise<readonly CascadeEvent[]> {
  const newestFirst: CascadeEvent[] = [];
  for (const first of (await segmentsIn(folder)).toReversed()) {
    for (const line of (await linesOf(segmentPath(folder, first))).toReversed()) {
      if (newestFirst.length >= most) return newestFirst.reverse();
      const event = eventOf(line);
      if (event !== null) newestFirst.push(event);
    }
  }
  return newestFirst.reverse();
}

async function segmentsIn(folder: string): Promise<readonly number[]> {
  try {
    return await segmentsOf(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** None when a running Catnap has removed the file, its oldest, since the folder was listed. */
async function linesOf(path: string): Promise<readonly string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Null for what is no event: the end of the file, and half a line that a power cut or a full disk left. */
function eventOf(line: string): CascadeEvent | null {
  return cascadeEventSchema.safeParse(parseJson(line)).data ?? null;
}

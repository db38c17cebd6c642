import { closeSync, openSync, readSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { cascadeEventSchema } from '../core/events/event-schema.js';
import type { CascadeEvent } from '../core/events/events.js';
import { parseJson } from '../core/json.js';
import { type Facets, hasFacets } from './facets.js';
import { segmentPath, segmentsOf } from './journal.js';
import { type IndexedSegment, indexedSegments, indexPath, type Places, placesIn } from './journal-index.js';

/** What is asked of a journal. */
export interface JournalQuestion {
  /** ISO 8601 time from which on; left out or null: from the beginning. */
  readonly from?: string | null;
  /** ISO 8601 time before which; left out or null: to the end. */
  readonly to?: string | null;
  /** What the events must have. */
  readonly facets?: Facets;
}

/**
 * The events that a question asks for in the order in which they were published, also while a running Catnap writes
 * the journal. Holds a segment at a time, and of full segments reads what their index says may be an answer. What is
 * damaged is left out.
 *
 * @param folder that of the journal
 */
export async function* journalEvents(
  folder: string,
  question: JournalQuestion = {},
): AsyncIterable<CascadeEvent> {
  const summaries = await indexOf(folder);
  // An event without a time is of the time of the one before it.
  let last = '';
  for (const first of await segmentsOf(folder)) {
    const found = await answersIn(folder, first, summaries.get(first) ?? null, question, last);
    last = found.last;
    yield* found.events;
  }
}

/**
 * The newest `most` events that a question asks for, oldest first; none where there is no journal yet. Reads no more
 * segments than it needs.
 *
 * @param folder that of the journal
 */
export async function newestEvents(
  folder: string,
  most: number,
  question: JournalQuestion = {},
): Promise<readonly CascadeEvent[]> {
  const newestFirst: CascadeEvent[] = [];
  const segments = await segmentsIn(folder);
  const summaries = segments.length === 0 ? new Map<number, IndexedSegment>() : await indexOf(folder);
  for (const [at, first] of [...segments.entries()].reverse()) {
    if (newestFirst.length >= most) break;
    const before = summaries.get(segments[at - 1] ?? -1)?.last ?? '';
    const { events } = await answersIn(folder, first, summaries.get(first) ?? null, question, before);
    newestFirst.push(...events.toReversed().slice(0, most - newestFirst.length));
  }
  return newestFirst.reverse();
}

/** Wall time of the oldest event that is kept; null where there is none, or none that says. */
export async function oldestEventMs(folder: string): Promise<number | null> {
  for (const first of await segmentsIn(folder)) {
    for (const line of await linesOf(segmentPath(folder, first))) {
      const wallTime = timeIn(line);
      if (wallTime !== undefined) return Date.parse(wallTime);
    }
  }
  return null;
}

interface Answers {
  readonly events: readonly CascadeEvent[];
  /** Wall time of the segment's last event. */
  readonly last: string;
}

/** @param before wall time of the last event before the segment */
async function answersIn(
  folder: string,
  first: number,
  summary: IndexedSegment | null,
  question: JournalQuestion,
  before: string,
): Promise<Answers> {
  const { from = null, to = null, facets = {} } = question;
  const places = summary === null ? 'anywhere' : placesThen(summary, from, to, facets);
  if (summary !== null && places === 'none') return { events: [], last: summary.last || before };
  const path = segmentPath(folder, first);
  const isTimed = from !== null || to !== null;
  const lines =
    typeof places === 'string' ? await linesOf(path) : await ifThere(() => linesAt(path, places), []);
  const events: CascadeEvent[] = [];
  const tells = tellingTexts(facets);
  let last = before;
  for (const line of lines) {
    if (isTimed) last = timeIn(line) ?? last;
    const isThen = (from === null || last >= from) && (to === null || last < to);
    if (!isThen || !tells.every((text) => line.includes(text))) continue;
    const event = cascadeEventSchema.safeParse(parseJson(line)).data;
    if (event === undefined) continue;
    if (hasFacets(event, facets)) events.push(event);
  }
  return { events, last: summary?.last ?? last };
}

/** Where events may be that are of the time and of the facets. */
function placesThen(summary: IndexedSegment, from: string | null, to: string | null, facets: Facets): Places {
  const isOver = from !== null && summary.to !== '' && summary.to < from;
  const isLater = to !== null && summary.from !== '' && summary.from >= to;
  return isOver || isLater ? 'none' : placesIn(summary, facets);
}

/** What stands in the line of every event that has the facets: most lines need no more than that to be passed over. */
function tellingTexts({ detection, ...facets }: Facets): readonly string[] {
  // A detection may be asked for with its run, which stands elsewhere in the event.
  const ends = detection === undefined ? [] : [detection.split('/').at(-1) ?? ''];
  return [...Object.values(facets), ...ends].map((value) => JSON.stringify(value).slice(1, -1));
}

/** The wall time in an event's line, without reading all of it; undefined where it has none. */
function timeIn(line: string): string | undefined {
  return /"wallTime":"([^"]+)"/.exec(line)?.[1];
}

async function indexOf(folder: string): Promise<ReadonlyMap<number, IndexedSegment>> {
  return indexedSegments(await textOf(indexPath(folder)));
}

async function segmentsIn(folder: string): Promise<readonly number[]> {
  return ifThere(() => segmentsOf(folder), []);
}

/** None when a running Catnap has removed the file, its oldest, since the folder was listed. */
async function linesOf(path: string): Promise<readonly string[]> {
  return (await textOf(path)).split('\n');
}

async function textOf(path: string): Promise<string> {
  return ifThere(() => readFile(path, 'utf8'), '');
}

/** Some lines of a segment. At once: a few hundred of them through the thread pool take ten times as long. */
function linesAt(path: string, places: Exclude<Places, string>): readonly string[] {
  const file = openSync(path, 'r');
  try {
    return places.map(([offset, length]) => {
      const buffer = Buffer.alloc(length);
      return buffer.toString('utf8', 0, readSync(file, buffer, 0, length, offset));
    });
  } finally {
    closeSync(file);
  }
}

async function ifThere<T>(read: () => T | Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw error;
  }
}

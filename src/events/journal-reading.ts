import { statSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { cascadeEventSchema } from '../core/events/event-schema.js';
import type { CascadeEvent } from '../core/events/events.js';
import { parseJson } from '../core/json.js';
import { eachLine, linesAt } from '../files/each-line.js';
import { type Facet, type Facets, hasFacets } from './facets.js';
import { segmentPath, segmentsOf } from './journal.js';
import {
  type IndexedSegment,
  IndexSearch,
  indexPath,
  type Places,
  type SegmentHead,
} from './journal-index.js';

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
  const search = new Search(folder, question);
  // An event without a time is of the time of the one before it.
  let last = '';
  for (const first of await segmentsOf(folder)) {
    const found = await search.answersIn(first, last);
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
  // Most often the last few segments hold enough: those before them are not looked for in the index.
  for (let [end, batch] = [segments.length, NEWEST_SEGMENTS]; end > 0; batch *= NEWEST_SEGMENTS) {
    const begin = Math.max(0, end - batch);
    const search = new Search(folder, question, segments[begin]);
    for (let at = end - 1; at >= begin; at--) {
      if (newestFirst.length >= most) return newestFirst.reverse();
      const { events } = await search.answersIn(segments[at] ?? 0, search.lastOf(segments[at - 1] ?? -1));
      newestFirst.push(...events.toReversed().slice(0, most - newestFirst.length));
    }
    end = begin;
  }
  return newestFirst.reverse();
}

/** Segments that the newest events are looked for in first; then so many times as many. */
const NEWEST_SEGMENTS = 8;

/** Wall time of the oldest event that is kept; null where there is none, or none that says. */
export async function oldestEventMs(folder: string): Promise<number | null> {
  for (const first of await segmentsIn(folder)) {
    let wallTime: string | undefined;
    eachLine(segmentPath(folder, first), (line) => {
      wallTime ??= timeIn(line);
    });
    if (wallTime !== undefined) return Date.parse(wallTime);
  }
  return null;
}

interface Answers {
  readonly events: readonly CascadeEvent[];
  /** Wall time of the segment's last event. */
  readonly last: string;
}

/** A question, and what the index says of it. Lines are looked at as bytes: most are passed over without being read. */
class Search {
  readonly #folder: string;
  readonly #from: string | null;
  readonly #to: string | null;
  readonly #facets: Facets;
  /** What stands in the line of every event that has the facets. */
  readonly #tells: readonly Buffer[];
  /** By their first ordinals: the segments that may be passed over, or read in some places only. */
  readonly #segments = new Map<number, IndexedSegment>();

  /** @param oldest the first segment that is asked about */
  constructor(folder: string, { from = null, to = null, facets = {} }: JournalQuestion, oldest = 0) {
    this.#folder = folder;
    this.#from = from;
    this.#to = to;
    this.#facets = facets;
    this.#tells = tellingTexts(facets);
    const index = new IndexSearch(facets);
    eachLine(indexPath(folder), (line) => {
      const segment = index.of(line, (head) => head.first >= oldest && this.#isOfTime(head));
      if (segment !== null) this.#segments.set(segment.first, segment);
    });
  }

  /** Wall time of the last event of a full segment; '' where that is not known. */
  lastOf(first: number): string {
    return this.#segments.get(first)?.last ?? '';
  }

  /** @param before wall time of the last event before the segment */
  async answersIn(first: number, before: string): Promise<Answers> {
    const segment = this.#segments.get(first) ?? null;
    const places = segment === null ? 'anywhere' : segment.places;
    if (places === 'none') return { events: [], last: segment?.last || before };
    const events: CascadeEvent[] = [];
    let last = before;
    const take = (event: () => CascadeEvent | null, wallTime: string | undefined): void => {
      last = wallTime ?? last;
      const wanted = this.#isThen(last) ? event() : null;
      if (wanted !== null && hasFacets(wanted, this.#facets)) events.push(wanted);
    };
    if (segment?.events != null)
      for (const event of segment.events) take(() => event, event.measured?.wallTime);
    else await this.#readSegment(first, segment, places, take);
    return { events, last: segment?.last ?? last };
  }

  async #readSegment(
    first: number,
    segment: IndexedSegment | null,
    places: Exclude<Places, 'none'>,
    take: (event: () => CascadeEvent | null, wallTime: string | undefined) => void,
  ): Promise<void> {
    const path = segmentPath(this.#folder, first);
    const isTimed = this.#from !== null || this.#to !== null;
    const takeLine = (isChecked: boolean) => (line: Buffer) =>
      take(() => this.#eventIn(line, isChecked), isTimed ? timeIn(line) : undefined);
    if (places !== 'anywhere') return linesAt(path, places, takeLine((segment?.checkedBytes ?? 0) > 0));
    eachLine(path, takeLine(segment !== null && isAsIndexed(path, segment)));
    // A whole segment took some milliseconds: whoever else waits for this thread has its turn.
    await setImmediate();
  }

  #isThen(wallTime: string): boolean {
    return (this.#from === null || wallTime >= this.#from) && (this.#to === null || wallTime < this.#to);
  }

  /** @param isChecked that it is an event: most of the time of an answer would go into looking again */
  #eventIn(line: Buffer, isChecked: boolean): CascadeEvent | null {
    if (!this.#tells.every((text) => line.includes(text))) return null;
    const json = parseJson(line.toString('utf8'));
    if (isChecked) return (json as CascadeEvent | undefined) ?? null;
    return cascadeEventSchema.safeParse(json).data ?? null;
  }

  #isOfTime({ from, to }: SegmentHead): boolean {
    const isOver = this.#from !== null && to !== '' && to < this.#from;
    const isLater = this.#to !== null && from !== '' && from >= this.#to;
    return !isOver && !isLater;
  }
}

/** What stands in the line of every event that has the facets: most lines need no more than that to be passed over. */
function tellingTexts({ detection, ...facets }: Facets): readonly Buffer[] {
  const texts = (Object.entries(facets) as [Facet, string][]).map(([facet, value]) => {
    const written = JSON.stringify(value);
    if (value !== '' && STANDS_AS_NAMED.has(facet)) return `"${facet}":${written}`;
    return written.slice(1, -1);
  });
  // A detection may be asked for with its run, which stands elsewhere in the event.
  const ends = detection === undefined ? [] : [JSON.stringify(detection.split('/').at(-1)).slice(1, -1)];
  return [...texts, ...ends].map((text) => Buffer.from(text));
}

/** Others may stand elsewhere in an event, or in another word. */
const STANDS_AS_NAMED: ReadonlySet<Facet> = new Set(['type', 'label', 'stage']);

const TIME_KEY = Buffer.from('"wallTime":"');
const QUOTE = 0x22;

/** The wall time in an event's line, without reading all of it; undefined where it has none. */
function timeIn(line: Buffer): string | undefined {
  const at = line.indexOf(TIME_KEY);
  if (at < 0) return undefined;
  const begin = at + TIME_KEY.length;
  return line.toString('latin1', begin, line.indexOf(QUOTE, begin));
}

/** Whether a full segment is as long as it was when each of its lines was checked. */
function isAsIndexed(path: string, { checkedBytes }: IndexedSegment): boolean {
  return checkedBytes > 0 && statSync(path, { throwIfNoEntry: false })?.size === checkedBytes;
}

async function segmentsIn(folder: string): Promise<readonly number[]> {
  try {
    return await segmentsOf(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

import { join } from 'node:path';
import { cascadeEventSchema } from '../core/events/event-schema.js';
import type { CascadeEvent } from '../core/events/events.js';
import { parseJson } from '../core/json.js';
import { hashOf } from '../core/random.js';
import { type Facet, type Facets, facetsOf } from './facets.js';

/** Beside the segments: a line for each that is full, saying what is in it. */
const INDEX_FILE = 'index.jsonl';

/** Places of so many events at most are kept for one value of a facet; where there are more, only that there are. */
const PLACES_MAX = 16;
/** Values of one facet told apart in a segment; of more, any may be in it. */
const VALUES_MAX = 64;
/** Bits and hashes a detection in the Bloom filter: one in ten thousand is taken to be there that is not. */
const BLOOM = { bitsEach: 20, hashes: 10 } as const;
/** Events of a type that a segment has no more of stand in the index, so that it need not be opened for them. */
const RARE_MAX = 2;
/** So many bytes of them at most. */
const RARE_BYTES_MAX = 2_048;

/** An event of a rare type, and where in the segment it stands. */
export type RareEvent = readonly [offset: number, event: CascadeEvent];

/** What a full segment holds, so that a question need not read it. */
export interface SegmentSummary {
  /** Ordinal of the segment's first event. */
  readonly first: number;
  /** Earliest and latest wall time in it, and that of its last event; '' where none has one. */
  readonly from: string;
  readonly to: string;
  readonly last: string;
  /** Its length where every line of it is an event, so that none has to be checked again; else 0. */
  readonly checkedBytes: number;
  /** By `facet:value`: byte offset and length of each line that has it, by turns; null: of many lines. */
  readonly places: Readonly<Record<string, readonly number[] | null>>;
  readonly rare: readonly RareEvent[];
  /** Facets with more values than are told apart. */
  readonly crowded: readonly Facet[];
  /** Bloom filter of its detections (Bloom, CACM 13, 1970), base64. */
  readonly detections: string;
}

/** Where in a segment an answer may be: nowhere, in these lines (byte offset and length), or anywhere. */
export type Places = 'none' | 'anywhere' | readonly (readonly [offset: number, length: number])[];

/** Looks through a segment's text. */
export function summaryOf(first: number, text: string): SegmentSummary {
  // A byte that is no text has become another length: then no place in it is sure.
  const places = new Register(!text.includes('\uFFFD'));
  const detections = new Set<string>();
  const rare = new Rare();
  let [from, to, last] = ['', '', ''];
  let [offset, isWhole] = [0, text.endsWith('\n')];
  for (const line of text.split('\n')) {
    const length = Buffer.byteLength(line);
    const event = cascadeEventSchema.safeParse(parseJson(line)).data;
    if (event !== undefined) {
      last = event.measured?.wallTime ?? last;
      if (last !== '' && (from === '' || last < from)) from = last;
      if (last > to) to = last;
      if ('detection' in event) detections.add(event.detection);
      rare.add(event, offset, length);
      const { detection: _, ...others } = facetsOf(event);
      for (const [facet, values] of Object.entries(others) as [Facet, readonly string[]][])
        for (const value of new Set(values)) places.add(facet, value, offset, length);
    } else if (line !== '') isWhole = false;
    offset += length + 1;
  }
  // After the last end of a line comes nothing.
  const checkedBytes = isWhole ? offset - 1 : 0;
  const summary = { first, from, to, last, checkedBytes, ...places.told(), rare: rare.told() };
  return { ...summary, detections: bloomOf(detections) };
}

/** The events of rare types while a segment is looked through. */
class Rare {
  readonly #ofTypes = new Map<string, { readonly events: RareEvent[]; bytes: number }>();

  add(event: CascadeEvent, offset: number, length: number): void {
    const its = this.#ofTypes.get(event.type) ?? { events: [], bytes: 0 };
    this.#ofTypes.set(event.type, its);
    if (its.events.length <= RARE_MAX) its.events.push([offset, event]);
    its.bytes += length;
  }

  told(): readonly RareEvent[] {
    const types = [...this.#ofTypes.values()].filter(({ events }) => events.length <= RARE_MAX);
    let bytes = 0;
    return types
      .sort((a, b) => a.bytes - b.bytes)
      .flatMap((its) => {
        bytes += its.bytes;
        return bytes <= RARE_BYTES_MAX ? its.events : [];
      });
  }
}

/** The places of every value while a segment is looked through. */
class Register {
  readonly #places = new Map<Facet, Map<string, number[] | null>>();

  constructor(private readonly isExact: boolean) {}

  add(facet: Facet, value: string, offset: number, length: number): void {
    const values = this.#places.get(facet) ?? new Map<string, number[] | null>();
    this.#places.set(facet, values);
    const known = values.get(value) ?? [];
    if (values.get(value) === null || !this.isExact || known.length >= 2 * PLACES_MAX)
      values.set(value, null);
    else values.set(value, [...known, offset, length]);
  }

  told(): Pick<SegmentSummary, 'places' | 'crowded'> {
    const all = [...this.#places];
    const isCrowded = ([, values]: (typeof all)[number]) => values.size > VALUES_MAX;
    const told = all
      .filter((entry) => !isCrowded(entry))
      .flatMap(([facet, values]) =>
        [...values].map(([value, places]) => [`${facet}:${value}`, places] as const),
      );
    return { places: Object.fromEntries(told), crowded: all.filter(isCrowded).map(([facet]) => facet) };
  }
}

/** Which segment a line tells of, and from when to when it goes. */
export type SegmentHead = Pick<SegmentSummary, 'first' | 'from' | 'to' | 'last' | 'checkedBytes'>;

/** A full segment, as far as a question needs to know it. */
export interface IndexedSegment extends SegmentHead {
  /** Where in it events of the facets may be. */
  readonly places: Places;
  /** These events themselves, where the index has them all; else null. */
  readonly events: readonly CascadeEvent[] | null;
}

const HEAD = /^\{"first":(\d+),"from":"([^"]*)","to":"([^"]*)","last":"([^"]*)","checkedBytes":(\d+),/;
/** A line's head is no longer. */
const HEAD_BYTES = 200;
const RARE_KEY = Buffer.from(',"rare":[');
const CROWDED_KEY = Buffer.from(',"crowded":[');
const BLOOM_KEY = Buffer.from(',"detections":"');
const [LIST_END, NULL_BEGIN, LINE_END] = [0x5d, 0x6e, '"}'] as const;

/**
 * Looks in lines of the index for events of some facets. Searched as bytes: of a thousand lines most hold nothing of
 * what is asked for, and none is read as JSON.
 */
export class IndexSearch {
  readonly #keys: readonly (readonly [facet: Facet, key: Buffer])[];
  readonly #detection: string | undefined;

  constructor({ detection, ...others }: Facets) {
    this.#keys = (Object.entries(others) as [Facet, string][]).map(([facet, value]) => [
      facet,
      Buffer.from(`${JSON.stringify(`${facet}:${value}`)}:`),
    ]);
    this.#detection = detection;
  }

  /**
   * The segment that a line tells of; null of a damaged line.
   * @param mayHold whether an answer may be in a segment, by its beginning and times: others are not looked through
   */
  of(line: Buffer, mayHold: (segment: SegmentHead) => boolean = () => true): IndexedSegment | null {
    const head = HEAD.exec(line.toString('latin1', 0, HEAD_BYTES));
    if (head === null || line.toString('latin1', line.length - 2) !== LINE_END) return null;
    const [, first, from = '', to = '', last = '', checkedBytes] = head;
    const its = { first: Number(first), from, to, last, checkedBytes: Number(checkedBytes) };
    const places = mayHold(its) ? this.#placesIn(line) : 'none';
    return { ...its, places, events: rareAt(places, line) };
  }

  #placesIn(line: Buffer): Places {
    let fewest: readonly number[] | null = null;
    for (const [facet, key] of this.#keys) {
      const at = line.indexOf(key);
      if (at < 0 && !crowdedIn(line).includes(`"${facet}"`)) return 'none';
      const begin = at + key.length;
      if (at < 0 || line[begin] === NULL_BEGIN) continue;
      const found = JSON.parse(line.toString('latin1', begin, line.indexOf(LIST_END, begin) + 1)) as number[];
      if (fewest === null || found.length < fewest.length) fewest = found;
    }
    if (this.#detection !== undefined) {
      const filter = line.toString('latin1', line.lastIndexOf(BLOOM_KEY) + BLOOM_KEY.length, line.length - 2);
      // It may be asked for with its run.
      const alone = this.#detection.slice(this.#detection.indexOf('/') + 1);
      if (![this.#detection, alone].some((each) => isIn(filter, each))) return 'none';
    }
    if (fewest === null) return 'anywhere';
    const pairs: [number, number][] = [];
    for (let at = 0; at < fewest.length; at += 2) pairs.push([fewest[at] ?? 0, fewest[at + 1] ?? 0]);
    return pairs;
  }
}

/** The events that stand at these places, where the index has them all; else null. */
function rareAt(places: Places, line: Buffer): readonly CascadeEvent[] | null {
  if (typeof places === 'string' || places.length > RARE_MAX) return null;
  const begin = line.lastIndexOf(RARE_KEY) + RARE_KEY.length - 1;
  const rare = parseJson(line.toString('utf8', begin, line.lastIndexOf(BLOOM_KEY)));
  if (!Array.isArray(rare)) return null;
  const found = new Map(rare as readonly RareEvent[]);
  const events = places.flatMap(([offset]) => found.get(offset) ?? []);
  return events.length === places.length ? events : null;
}

/** The list of facets with more values than are told apart, as it is written. */
function crowdedIn(line: Buffer): string {
  const at = line.lastIndexOf(CROWDED_KEY);
  return line.toString('latin1', at, line.indexOf(LIST_END, at));
}

/** The line that a summary is kept as. */
export function summaryLine(summary: SegmentSummary): string {
  return `${JSON.stringify(summary)}\n`;
}

/** The summaries of an index's text, by the first ordinal of their segments. What is damaged is left out. */
export function summariesOf(text: string): ReadonlyMap<number, SegmentSummary> {
  const summaries = new Map<number, SegmentSummary>();
  for (const line of text.split('\n')) {
    const summary = parseJson(line);
    if (isSummary(summary)) summaries.set(summary.first, summary);
  }
  return summaries;
}

/** By hand: a schema would look at each of some hundred thousand places, for every question. */
function isSummary(value: unknown): value is SegmentSummary {
  if (typeof value !== 'object' || value === null) return false;
  const { first, from, to, last, checkedBytes, places, rare, crowded, detections } = value as Partial<
    Record<string, unknown>
  >;
  const texts = [from, to, last, detections].every((each) => typeof each === 'string');
  return (
    texts &&
    Number.isInteger(first) &&
    Number.isInteger(checkedBytes) &&
    typeof places === 'object' &&
    places !== null &&
    Array.isArray(rare) &&
    Array.isArray(crowded)
  );
}

export function indexPath(folder: string): string {
  return join(folder, INDEX_FILE);
}

function bloomOf(values: ReadonlySet<string>): string {
  const bytes = Buffer.alloc(Math.ceil((values.size * BLOOM.bitsEach) / 8));
  for (const value of values)
    for (const bit of bitsOf(value, bytes.length * 8))
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (1 << (bit & 7));
  return bytes.toString('base64');
}

function isIn(filter: string, value: string): boolean {
  const bytes = Buffer.from(filter, 'base64');
  if (bytes.length === 0) return false;
  return bitsOf(value, bytes.length * 8).every((bit) => ((bytes[bit >> 3] ?? 0) >> (bit & 7)) & 1);
}

/** Two hashes are as good as many (Kirsch and Mitzenmacher, ESA 2006). */
function bitsOf(value: string, bits: number): readonly number[] {
  const first = hashOf(value);
  const second = hashOf(value, first) | 1;
  return Array.from({ length: BLOOM.hashes }, (_, n) => ((first + n * second) >>> 0) % bits);
}

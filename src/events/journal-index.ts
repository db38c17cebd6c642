import { join } from 'node:path';
import { cascadeEventSchema } from '../core/events/event-schema.js';
import { parseJson } from '../core/json.js';
import { hashOf } from '../core/random.js';
import { FACETS, type Facet, type Facets, facetsOf } from './facets.js';

/** Beside the segments: a line for each that is full, saying what is in it. */
const INDEX_FILE = 'index.jsonl';

/** Places of so many events at most are kept for one value of a facet; where there are more, only that there are. */
const PLACES_MAX = 16;
/** Values of one facet told apart in a segment; of more, any may be in it. */
const VALUES_MAX = 64;
/** Bits and hashes a detection in the Bloom filter: one in a hundred is taken to be there that is not. */
const BLOOM = { bitsEach: 10, hashes: 7 } as const;

/** What a full segment holds, so that a question need not read it. */
export interface SegmentSummary {
  /** Ordinal of the segment's first event. */
  readonly first: number;
  /** Earliest and latest wall time in it, and that of its last event; '' where none has one. */
  readonly from: string;
  readonly to: string;
  readonly last: string;
  /** By `facet:value`: byte offset and length of each line that has it, by turns; null: of many lines. */
  readonly places: Readonly<Record<string, readonly number[] | null>>;
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
  let [from, to, last] = ['', '', ''];
  let offset = 0;
  for (const line of text.split('\n')) {
    const length = Buffer.byteLength(line);
    const event = cascadeEventSchema.safeParse(parseJson(line)).data;
    if (event !== undefined) {
      last = event.measured?.wallTime ?? last;
      if (last !== '' && (from === '' || last < from)) from = last;
      if (last > to) to = last;
      const { detection, ...others } = facetsOf(event);
      for (const each of detection) detections.add(each);
      for (const [facet, values] of Object.entries(others) as [Facet, readonly string[]][])
        for (const value of new Set(values)) places.add(facet, value, offset, length);
    }
    offset += length + 1;
  }
  return { first, from, to, last, ...places.told(), detections: bloomOf(detections) };
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

/** Stands last in a line. */
const BLOOM_KEY = '"detections":"';

/** A line of the index that is read as far as a question needs it. */
export interface IndexedSegment extends Pick<SegmentSummary, 'from' | 'to' | 'last'> {
  readonly line: string;
}

const HEAD = /^\{"first":(\d+),"from":"([^"]*)","to":"([^"]*)","last":"([^"]*)",/;

/** The segments that an index's text tells of, by the ordinal of their first event. What is damaged is left out. */
export function indexedSegments(text: string): ReadonlyMap<number, IndexedSegment> {
  const segments = new Map<number, IndexedSegment>();
  for (const line of text.split('\n')) {
    const [, first, from = '', to = '', last = ''] = HEAD.exec(line) ?? [];
    if (first !== undefined && line.endsWith('"}')) segments.set(Number(first), { from, to, last, line });
  }
  return segments;
}

/** Where in an indexed segment events of those facets may be. */
export function placesIn({ line }: IndexedSegment, wanted: Facets): Places {
  const { detection, ...others } = wanted;
  // Most segments need no more than a look at their line.
  const isCrowded = !line.includes('"crowded":[]');
  const keys = Object.entries(others).map(([facet, value]) => JSON.stringify(`${facet}:${value}`));
  if (!isCrowded && !keys.every((key) => line.includes(key))) return 'none';
  const filter = line.slice(line.lastIndexOf(BLOOM_KEY) + BLOOM_KEY.length, -2);
  if (detection !== undefined && !mayHold(filter, detection)) return 'none';
  const summary = parseJson(line);
  return isSummary(summary) ? placesOf(summary, others) : 'anywhere';
}

/** Where in the segment events of those facets may be. */
export function placesOf({ places, crowded, detections }: SegmentSummary, wanted: Facets): Places {
  let fewest: readonly number[] | null = null;
  for (const facet of FACETS) {
    const value = wanted[facet];
    if (value === undefined) continue;
    if (facet === 'detection') {
      if (!mayHold(detections, value)) return 'none';
      continue;
    }
    if (crowded.includes(facet)) continue;
    const found = places[`${facet}:${value}`];
    if (found === undefined) return 'none';
    if (found !== null && (fewest === null || found.length < fewest.length)) fewest = found;
  }
  if (fewest === null) return 'anywhere';
  const pairs: [number, number][] = [];
  for (let at = 0; at < fewest.length; at += 2) pairs.push([fewest[at] ?? 0, fewest[at + 1] ?? 0]);
  return pairs;
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
  const { first, from, to, last, places, crowded, detections } = value as Partial<Record<string, unknown>>;
  const texts = [from, to, last, detections].every((each) => typeof each === 'string');
  return (
    texts &&
    Number.isInteger(first) &&
    typeof places === 'object' &&
    places !== null &&
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

function mayHold(filter: string, value: string): boolean {
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

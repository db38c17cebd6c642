import { appendFile, readFile } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Timer } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import type { CascadeEvent, Sink } from '../core/events/events.js';
import { makePrivateFolder } from '../files/private-folder.js';
import { unwritable } from '../files/unwritable.js';
import { indexPath, summariesOf, summaryLine, summaryOf } from './journal-index.js';
import { Loss } from './loss.js';
import { PackedEvents } from './packed-events.js';

/** Folder of the journal below the state folder. */
export const JOURNAL_FOLDER = 'journal';

export interface JournalOptions {
  /** Nothing else is kept in it. */
  readonly folder: string;
  /** Events kept at least; the oldest go first, up to a thousand at a time. */
  readonly maxEvents: number;
  /** Events are written together at least this often. */
  readonly flushMs: number;
  readonly timer: Timer;
  /** Told when events are first lost, and how many they were once that is over. */
  readonly onError: (error: unknown) => void;
  /** Where the segments are; the file system when left out. */
  readonly files?: JournalFiles;
}

/** What a journal asks of a file system; each rejects with what that says. */
export interface JournalFiles {
  /** Makes the folder where it is missing. */
  makeFolder(folder: string): Promise<void>;
  list(folder: string): Promise<readonly string[]>;
  read(path: string): Promise<string>;
  append(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
}

/** A sink that keeps events for later questions. */
export interface Journal extends Sink {
  /** Events lost because the disk did not take them in time. */
  readonly dropped: number;
  /** Writes what is pending. Never rejects. */
  flush(): Promise<void>;
}

/** Events that wait for the disk; the oldest are dropped and counted beyond it. */
const MAX_PENDING = 2_000;
/** Events written in one go: what is on its way to the disk is more than their JSON. */
const BATCH_MAX = 64;
/** Events of one segment. */
const SEGMENT_MAX = 1_000;
/** Full segments added to the index at a time. */
const INDEX_AT_ONCE = 2;
/** Lines of the index that may be of segments that are gone, beyond as many as there are segments. */
const INDEX_SLACK = 16;
const ORDINAL_DIGITS = 12;
const SEGMENT_NAME = new RegExp(`^(\\d{${ORDINAL_DIGITS}})\\.jsonl$`);

/** Not those of `node:fs/promises`, whose handles only a full collection gives back. */
const [append, read] = [promisify(appendFile), promisify(readFile)];

const FILE_SYSTEM: JournalFiles = {
  makeFolder: makePrivateFolder,
  list: (folder) => readdir(folder),
  read: (path) => read(path, 'utf8'),
  append: (path, text) => append(path, text, { mode: 0o600 }),
  remove: (path) => rm(path, { force: true }),
};

/**
 * Opens the journal: JSON Lines in segments, each a file named by the ordinal of its first event, so that
 * names tell how many events there are.
 *
 * ```
 *   000000098000.jsonl    the oldest, goes as a whole when there are enough without it
 *   000000099000.jsonl
 *   000000100000.jsonl    the newest, grows
 *   index.jsonl           a line for each that is full: what is in it and where (journal-index.ts)
 * ```
 *
 * It holds nothing but what waits for the disk. Written in batches and not synced: it survives the process,
 * and after a power cut lacks the last seconds. One process at a time writes to a state folder, which the
 * uplink's lock sees to.
 */
export function openJournal(options: JournalOptions): Journal {
  return new SegmentedJournal(options);
}

class SegmentedJournal implements Journal {
  dropped = 0;
  readonly #folder: string;
  readonly #maxEvents: number;
  readonly #segmentMax: number;
  readonly #flushMs: number;
  readonly #timer: Timer;
  readonly #files: JournalFiles;
  readonly #pending = new PackedEvents(MAX_PENDING);
  /** Lines on their way to the disk; they wait here while it takes none. */
  #batch: string[] = [];
  /** Ordinals of the first events of the segments, oldest first; null until the folder was looked at. */
  #segments: number[] | null = null;
  /** Segments that the index tells of, and its lines; null until it was read. */
  #indexed: { readonly firsts: Set<number>; lines: number } | null = null;
  #hasLooked = false;
  /** Ordinal of the next event. */
  #next = 0;
  #writing: Promise<void> = Promise.resolve();
  #queued: Promise<void> | null = null;
  #cancelFlush: (() => void) | null = null;
  #closed = false;
  readonly #loss: Loss;
  /** Why the last write failed; null where it did not. */
  #failure: { readonly cause: unknown } | null = null;

  constructor({ folder, maxEvents, flushMs, timer, onError, files = FILE_SYSTEM }: JournalOptions) {
    this.#folder = folder;
    this.#maxEvents = maxEvents;
    this.#segmentMax = Math.min(SEGMENT_MAX, maxEvents);
    this.#flushMs = flushMs;
    this.#timer = timer;
    this.#files = files;
    this.#loss = new Loss(folder, onError);
  }

  publish(event: CascadeEvent): void {
    // The verdict holds the whole answer: its pieces would only wear the disk.
    if (this.#closed || event.type === 'answer-part') return;
    if (!this.#pending.push(event)) this.#lose(1);
    this.#cancelFlush ??= this.#timer(this.#flushMs, () => void this.flush());
  }

  flush(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelFlush = null;
    // One write under way and one behind it, however long the disk takes.
    this.#queued ??= this.#writing.then(() => {
      this.#queued = null;
      return this.#write();
    });
    this.#writing = this.#queued;
    return this.#writing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    const left = this.#batch.length + this.#pending.length;
    if (left > 0) this.#lose(left);
    this.#loss.end();
  }

  #lose(events: number): void {
    this.dropped += events;
    this.#loss.add(events, () =>
      this.#failure === null
        ? new CatnapError('OUTPUT_UNWRITABLE', `${this.#folder}: the disk is slower than events come`)
        : unwritable(this.#folder, this.#failure.cause, 'to write events'),
    );
  }

  async #write(): Promise<void> {
    while (this.#batch.length > 0 || this.#pending.length > 0) {
      if (this.#batch.length === 0) this.#batch = this.#pending.take(BATCH_MAX);
      try {
        if (this.#segments === null) this.#batch.splice(0, await this.#look());
        this.#batch.splice(0, await this.#append(this.#segments ?? [], this.#batch));
        this.#failure = null;
      } catch (cause) {
        // It may have taken some lines and half a line: look before the next. What it did not take waits.
        this.#segments = null;
        this.#failure = { cause };
        return;
      }
    }
    this.#loss.end();
  }

  /** Writes as many as the newest segment has room for; how many that were. */
  async #append(segments: number[], texts: readonly string[]): Promise<number> {
    if (texts.length === 0) return 0;
    let newest = segments.at(-1);
    if (newest === undefined || this.#next - newest >= this.#segmentMax) {
      newest = this.#next;
      await this.#index(segments);
      segments.push(newest);
    }
    const lines = texts.slice(0, newest + this.#segmentMax - this.#next).map((text) => `${text}\n`);
    await this.#bound(segments, this.#next + lines.length);
    await this.#files.append(segmentPath(this.#folder, newest), lines.join(''));
    this.#next += lines.length;
    return lines.length;
  }

  /** Looks at what an earlier run, or a write that failed, left; how many lines of the latter are there. */
  async #look(): Promise<number> {
    await this.#files.makeFolder(this.#folder);
    const segments = ordinalsOf(await this.#files.list(this.#folder));
    const newest = segments.at(-1);
    const text = newest === undefined ? '' : await this.#files.read(segmentPath(this.#folder, newest));
    const end = (newest ?? 0) + text.split('\n').length - 1;
    const taken = this.#hasLooked ? Math.max(0, end - this.#next) : 0;
    this.#next = end;
    if (text !== '' && !text.endsWith('\n')) {
      // Half a line stays alone at the end of its segment.
      this.#next += 1;
      segments.push(this.#next);
    }
    this.#hasLooked = true;
    this.#segments = segments;
    return taken;
  }

  /**
   * Adds full segments to the index, the newest first and a few at a time: one has just become full, others were
   * when there was no index. A segment that it lacks is read as a whole, so that a disk without room costs only time.
   */
  async #index(full: readonly number[]): Promise<void> {
    const path = indexPath(this.#folder);
    try {
      const indexed = this.#indexed ?? (await this.#readIndex(path));
      this.#indexed = indexed;
      if (indexed.lines > 2 * full.length + INDEX_SLACK) {
        const summaries = summariesOf(await this.#files.read(path));
        const kept = full.flatMap((first) => summaries.get(first) ?? []);
        await this.#files.remove(path);
        await this.#files.append(path, kept.map(summaryLine).join(''));
        indexed.lines = kept.length;
      }
      const lacking = full.filter((first) => !indexed.firsts.has(first)).slice(-INDEX_AT_ONCE);
      for (const first of lacking.reverse()) {
        const text = await this.#files.read(segmentPath(this.#folder, first));
        await this.#files.append(path, summaryLine(summaryOf(first, text)));
        indexed.firsts.add(first);
        indexed.lines += 1;
      }
    } catch {
      this.#indexed = null;
    }
  }

  async #readIndex(path: string): Promise<{ readonly firsts: Set<number>; lines: number }> {
    const hasIndex = (await this.#files.list(this.#folder)).some((name) => path.endsWith(name));
    const text = hasIndex ? await this.#files.read(path) : '';
    // Half a line that was left must not take the next one with it.
    if (text !== '' && !text.endsWith('\n')) await this.#files.append(path, '\n');
    return { firsts: new Set(summariesOf(text).keys()), lines: text.split('\n').length - 1 };
  }

  /** Removes segments that are not needed for `maxEvents` before the ordinal `end`. */
  async #bound(segments: number[], end: number): Promise<void> {
    for (;;) {
      const [oldest, second] = segments;
      if (oldest === undefined || second === undefined || end - second < this.#maxEvents) return;
      await this.#files.remove(segmentPath(this.#folder, oldest));
      segments.shift();
    }
  }
}

/** Ordinals of the first events of a journal's segments, oldest first. */
export async function segmentsOf(folder: string): Promise<number[]> {
  return ordinalsOf(await readdir(folder));
}

function ordinalsOf(names: readonly string[]): number[] {
  return names
    .flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

export function segmentPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(ORDINAL_DIGITS, '0')}.jsonl`);
}

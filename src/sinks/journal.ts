import { join } from 'node:path';
import { cascadeEventSchema } from '../core/event-schema.js';
import type { CascadeEvent, Sink } from '../core/events.js';
import { PackedEvents } from '../events/packed-events.js';
import { endOf, openLevelStore, type Store } from '../uplink/store.js';

/** Folder of the journal below the state folder. */
export const JOURNAL_STORE = 'journal';

export interface JournalOptions {
  readonly stateDir: string;
  /** Events kept; the oldest go first. */
  readonly maxEvents: number;
  /** Events are written together at least this often. */
  readonly flushMs: number;
}

/** A sink that keeps events for later questions. */
export interface Journal extends Sink {
  /** Events lost because the disk did not take them in time. */
  readonly dropped: number;
  /** Writes what is pending. Never rejects. */
  flush(): Promise<void>;
}

const PREFIX = 'j!';
/** Events that wait for the disk; the oldest are dropped and counted beyond it. */
const MAX_PENDING = 2_000;
/** Events written in one go: what is on its way to the disk is more than their JSON. */
const BATCH_MAX = 64;
/** The bound is looked at once in so many events, and so many are removed at a time. */
const BOUND_EVERY = 1_000;

/**
 * Opens the journal, in the same kind of store as the outbox. Written in batches and not synced: it survives the
 * process, and after a power cut lacks the last seconds. Throws `STATE_INVALID` when another process has it.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const store = await openLevelStore(join(options.stateDir, JOURNAL_STORE), () => {});
  return new StoreJournal(store, options);
}

class StoreJournal implements Journal {
  dropped = 0;
  readonly #pending = new PackedEvents(MAX_PENDING);
  #count = 0;
  /** Events in the store when the bound was last looked at; null until they have been counted. */
  #kept: number | null = null;
  #sinceBound = 0;
  #writing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(
    private readonly store: Store,
    private readonly options: JournalOptions,
  ) {}

  publish(event: CascadeEvent): void {
    // The verdict holds the whole answer: its pieces would only wear the disk.
    if (this.#closed || event.type === 'answer-part') return;
    if (!this.#pending.push(event)) this.dropped++;
    this.#timer ??= setTimeout(() => void this.flush(), this.options.flushMs).unref();
  }

  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    await this.store.close();
  }

  async #write(): Promise<void> {
    const texts = this.#pending.take(BATCH_MAX);
    if (texts.length === 0) return;
    const { length } = texts;
    try {
      await this.store.write(
        texts.map((text) => ({
          type: 'put',
          key: this.#keyOf(JSON.parse(text) as CascadeEvent),
          value: Buffer.from(text),
        })),
        false,
      );
      await this.#bound(length);
    } catch {
      this.dropped += length;
    }
    await this.#write();
  }

  async #bound(added: number): Promise<void> {
    this.#sinceBound += added;
    if (this.#kept !== null && this.#sinceBound <= BOUND_EVERY) return;
    this.#kept = this.#kept === null ? await this.#counted() : this.#kept + this.#sinceBound;
    this.#sinceBound = 0;
    while (this.#kept > this.options.maxEvents) {
      const keys = await this.#oldest(Math.min(BOUND_EVERY, this.#kept - this.options.maxEvents));
      if (keys.length === 0) return;
      await this.store.write(
        keys.map((key) => ({ type: 'del', key })),
        false,
      );
      this.#kept -= keys.length;
    }
  }

  async #counted(): Promise<number> {
    let count = 0;
    for await (const _ of this.store.range(PREFIX, endOf(PREFIX))) count += 1;
    return count;
  }

  async #oldest(count: number): Promise<string[]> {
    const keys: string[] = [];
    for await (const [key] of this.store.range(PREFIX, endOf(PREFIX))) {
      keys.push(key);
      if (keys.length === count) break;
    }
    return keys;
  }

  /** ISO times sort as text; the counter keeps events of one millisecond in order. */
  #keyOf(event: CascadeEvent): string {
    const wallTime = event.measured?.wallTime ?? new Date().toISOString();
    this.#count = (this.#count + 1) % 10_000_000;
    return `${PREFIX}${wallTime}!${String(this.#count).padStart(7, '0')}`;
  }
}

/** Events of `[from, to)` (ISO 8601 times; null is open), oldest first. */
export async function* journalEvents(
  store: Store,
  from: string | null,
  to: string | null,
): AsyncIterable<CascadeEvent> {
  const start = from === null ? PREFIX : `${PREFIX}${from}`;
  const end = to === null ? endOf(PREFIX) : `${PREFIX}${to}`;
  for await (const [, value] of store.range(start, end)) {
    const event = cascadeEventSchema.safeParse(JSON.parse(value.toString('utf8')));
    if (event.success) yield event.data;
  }
}

import type { Clock } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import { OutboxIndex, type OutboxLimits, type Waiting } from './outbox-index.js';
import type { Upload } from './provider.js';

/** Why an upload left the outbox unanswered. */
export type LossReason = 'evicted' | 'expired';

/** Where uploads are kept. */
export interface OutboxStore {
  /** Keeps an upload; resolves once it is as durable as the store makes it. */
  put(waiting: Waiting, upload: Upload): Promise<void>;
  /** The upload, or null when it is gone or unreadable. */
  get(waiting: Waiting): Promise<Upload | null>;
  remove(waiting: Waiting): Promise<void>;
  /** Moves an upload to the dead letters. */
  bury(waiting: Waiting, code: string, detail: string): Promise<void>;
  close(): Promise<void>;
}

export interface OutboxOptions {
  readonly limits: OutboxLimits;
  readonly clock: Pick<Clock, 'wallMs'>;
  /** Told of each upload that is dropped before it was answered. */
  readonly onLoss: (waiting: Waiting, reason: LossReason) => void;
}

/** Uploads that wait for the cloud: bounded, in order, and as durable as their store. */
export class Outbox {
  readonly #index: OutboxIndex;
  #nextSeq: number;

  constructor(
    private readonly store: OutboxStore,
    private readonly options: OutboxOptions,
    waiting: readonly Waiting[] = [],
  ) {
    this.#index = new OutboxIndex(options.limits);
    for (const entry of waiting.toSorted((a, b) => a.seq - b.seq)) this.#index.add(entry);
    this.#nextSeq = waiting.reduce((highest, entry) => Math.max(highest, entry.seq), 0) + 1;
  }

  get count(): number {
    return this.#index.count;
  }

  get bytes(): number {
    return this.#index.bytes;
  }

  /** Keeps an upload. A key that waits already is kept once. Throws `STORE_FULL` when there is no room for it. */
  async put(upload: Upload): Promise<void> {
    if (this.#index.has(upload.key)) return;
    const waiting: Waiting = {
      seq: this.#nextSeq++,
      key: upload.key,
      detection: upload.detection,
      source: upload.source,
      priority: upload.priority,
      offeredAtMs: this.options.clock.wallMs(),
      bytes: sizeOf(upload),
    };
    const victims = this.#index.makeRoom(waiting);
    if (victims === null) {
      throw new CatnapError(
        'STORE_FULL',
        `outbox: no room for ${waiting.bytes} bytes at priority ${waiting.priority}`,
      );
    }
    for (const victim of victims) await this.#drop(victim, 'evicted');
    await this.store.put(waiting, upload);
    this.#index.add(waiting);
  }

  /** Drops what is past its age, then takes the next upload to send; null when there is none. */
  async take(): Promise<Waiting | null> {
    for (const stale of this.#index.expired(this.options.clock.wallMs())) await this.#drop(stale, 'expired');
    return this.#index.take();
  }

  read(waiting: Waiting): Promise<Upload | null> {
    return this.store.get(waiting);
  }

  /** Puts back what could not be sent. */
  release(waiting: Waiting): void {
    this.#index.release(waiting);
  }

  /** Forgets what was answered. */
  async remove(waiting: Waiting): Promise<void> {
    await this.store.remove(waiting);
    this.#index.remove(waiting);
  }

  /** Gives up on an upload that can never be answered. */
  async bury(waiting: Waiting, code: string, detail: string): Promise<void> {
    await this.store.bury(waiting, code, detail);
    this.#index.remove(waiting);
  }

  close(): Promise<void> {
    return this.store.close();
  }

  async #drop(waiting: Waiting, reason: LossReason): Promise<void> {
    this.#index.remove(waiting);
    await this.store.remove(waiting);
    this.options.onLoss(waiting, reason);
  }
}

/** Bytes an upload takes, to within its JSON punctuation. */
export function sizeOf(upload: Upload): number {
  const { clip, ...rest } = upload;
  return Buffer.byteLength(JSON.stringify(rest)) + (clip?.pcm.byteLength ?? 0);
}

/** Keeps uploads in memory: for replays and tests, where nothing needs to outlive the process. */
export function createMemoryStore(): OutboxStore {
  const uploads = new Map<number, Upload>();
  return {
    async put(waiting, upload) {
      uploads.set(waiting.seq, upload);
    },
    async get(waiting) {
      return uploads.get(waiting.seq) ?? null;
    },
    async remove(waiting) {
      uploads.delete(waiting.seq);
    },
    async bury(waiting) {
      uploads.delete(waiting.seq);
    },
    async close() {
      uploads.clear();
    },
  };
}

import type { Clock } from '../../core/clock.js';
import { CatnapError, type ErrorCode } from '../../core/errors.js';
import { parseJson } from '../../core/json.js';
import * as z from '../../core/zod.js';
import { OutboxIndex, type OutboxLimits, type Waiting } from './outbox-index.js';
import { decodeStored, encodeStored, type Stored } from './records.js';
import type { SteadyClock } from './steady-clock.js';
import { endOf, type Op, type Store } from './store.js';
import type { Upload } from './upload.js';

/** Why an upload left the outbox unanswered. */
export type LossReason = 'evicted' | 'expired';

export interface OutboxOptions {
  readonly limits: OutboxLimits;
  /** Dead letters kept; the oldest go first. */
  readonly maxDeadLetters: number;
  readonly clock: Pick<Clock, 'wallMs'>;
  /** What ages are told by. */
  readonly steady: SteadyClock;
  /** How long what goes later waits at most. */
  readonly laterMs: number;
  /** Told of each upload that is dropped before it was answered. */
  readonly onLoss: (waiting: Waiting, reason: LossReason) => void;
  /** Told how many uploads the store no longer has though it never let them go. */
  readonly onDamage: (lost: number) => void;
}

const totalsSchema = z.strictObject({
  offered: z.int(),
  delivered: z.int(),
  dead: z.int(),
  evicted: z.int(),
  expired: z.int(),
  dropped: z.int(),
  damaged: z.int(),
  /** Bytes handed to the disk by the uplink's store, for whatever reason: flash wears by them. */
  bytesWritten: z.int(),
});

/** Since the outbox was made: `offered` = the sum of the other events + what waits. */
export type OutboxTotals = z.infer<typeof totalsSchema>;

/** The totals of an outbox that was never offered anything. */
export const NO_TOTALS: OutboxTotals = {
  offered: 0,
  delivered: 0,
  dead: 0,
  evicted: 0,
  expired: 0,
  dropped: 0,
  damaged: 0,
  bytesWritten: 0,
};

const QUEUE = 'q!';
const DEAD = 'd!';
const TOTALS = 't!outbox';
/** Deletions the disk has not taken yet; beyond this they are left to the next start, which sends them again. */
const MAX_OWED = 4_096;

/**
 * Uploads that wait for the cloud. What {@link put} accepted is on the disk; it leaves by {@link remove} (answered),
 * {@link bury} (never answerable), {@link discard}, or by a bound: age, or eviction of the lowest priority and then
 * the oldest.
 */
export class Outbox {
  readonly #index: OutboxIndex;
  readonly #totals: OutboxTotals = { ...NO_TOTALS };
  #bytesBefore = 0;
  #owed: Op[] = [];
  #nextSeq = 1;

  private constructor(
    private readonly store: Store,
    private readonly options: OutboxOptions,
  ) {
    this.#index = new OutboxIndex(options.limits);
  }

  /** Reads what waits in a store. */
  static async open(store: Store, options: OutboxOptions): Promise<Outbox> {
    const outbox = new Outbox(store, options);
    await outbox.#load();
    return outbox;
  }

  get count(): number {
    return this.#index.count;
  }

  get bytes(): number {
    return this.#index.bytes;
  }

  get totals(): OutboxTotals {
    return { ...this.#totals };
  }

  /**
   * Keeps an upload; resolves once it is on the disk. A key that waits already is kept once. Throws `STORE_FULL`
   * when neither bounds nor disk have room for it.
   */
  async put(upload: Upload): Promise<void> {
    if (this.#index.has(upload.key)) return;
    const { key, detection, source, priority, routing } = upload;
    const offeredAtMs = this.options.clock.wallMs();
    const steadyMs = this.options.steady.nowMs();
    const unsized: Waiting = {
      seq: this.#nextSeq++,
      key,
      detection,
      source,
      priority,
      offeredAtMs,
      steadyMs,
      route: routing.route,
      asks: routing.asks,
      bytes: 0,
    };
    const record = encodeStored({ waiting: unsized, upload, death: null });
    const waiting = { ...unsized, bytes: record.length };
    const victims = this.#index.makeRoom(waiting);
    if (victims === null) {
      throw new CatnapError(
        'STORE_FULL',
        `outbox: no room for ${waiting.bytes} bytes at priority ${priority}`,
      );
    }
    this.#index.addTaken(waiting);
    for (const victim of victims) this.#index.remove(victim);
    this.#totals.offered++;
    this.#totals.evicted += victims.length;
    try {
      await this.#write([
        ...victims.map(deletion),
        { type: 'put', key: keyOf(QUEUE, waiting), value: record },
      ]);
    } catch (error) {
      // The victims are gone from memory but not from the disk: they would come back at the next start.
      this.#index.remove(waiting);
      this.#totals.offered--;
      this.#owe(victims.map(deletion));
      throw error;
    } finally {
      for (const victim of victims) this.options.onLoss(victim, 'evicted');
    }
    this.#index.release(waiting);
  }

  /**
   * Drops what is past its age, then takes the next upload to send of those that may go; null when there is none. With
   * `laterNow` also what need not go yet.
   */
  async take(laterNow = false, mayGo: (waiting: Waiting) => boolean = () => true): Promise<Waiting | null> {
    const stale = this.#index.expired(this.options.steady.nowMs());
    for (const waiting of stale) {
      this.#index.remove(waiting);
      this.#totals.expired++;
      this.options.onLoss(waiting, 'expired');
    }
    if (stale.length > 0) await this.#forget(stale.map(deletion));
    const { steady, laterMs } = this.options;
    return this.#index.take(laterNow ? Number.POSITIVE_INFINITY : steady.nowMs() - laterMs, mayGo);
  }

  /** Milliseconds until something that goes later is due; null when there is none. */
  get laterDueMs(): number | null {
    const { steady, laterMs } = this.options;
    const offeredMs = this.#index.oldestLaterMs();
    return offeredMs === null ? null : Math.max(0, offeredMs + laterMs - steady.nowMs());
  }

  /** Takes the upload with a key if it is the next of its source; null otherwise. */
  takeKey(key: string): Waiting | null {
    return this.#index.takeKey(key);
  }

  /** Whether something of a source waits or is under way. */
  holds(source: string): boolean {
    return this.#index.holds(source);
  }

  /** The upload itself; null when the store no longer has it whole. */
  async read(waiting: Waiting): Promise<Upload | null> {
    const record = await this.store.get(keyOf(QUEUE, waiting));
    return record === null ? null : (decodeStored(record)?.upload ?? null);
  }

  /** Whether the disk still has what has left, because it could not be written then. */
  get isOwing(): boolean {
    return this.#owed.length > 0;
  }

  /** Has the disk forget that, if it can be written now; what it still has at the next start is sent again. */
  async forgetOwed(): Promise<void> {
    if (this.isOwing) await this.#forget([]);
  }

  /** Puts back what could not be sent. */
  release(waiting: Waiting): void {
    this.#index.release(waiting);
  }

  /** Forgets what was answered, together with further changes (audit, ledger) or not at all. */
  async remove(waiting: Waiting, also: readonly Op[] = []): Promise<void> {
    this.#totals.delivered++;
    this.#index.remove(waiting);
    await this.#forget([deletion(waiting), ...also]);
  }

  /** Forgets what is not to be sent after all. */
  async discard(waiting: Waiting): Promise<void> {
    this.#totals.dropped++;
    this.#index.remove(waiting);
    await this.#forget([deletion(waiting)]);
  }

  /** Counts an upload that the store lost by damage. */
  async forgetDamaged(waiting: Waiting): Promise<void> {
    this.#totals.damaged++;
    this.#index.remove(waiting);
    await this.#forget([deletion(waiting)]);
  }

  /** Moves an upload that can never be answered to the dead letters. */
  async bury(
    waiting: Waiting,
    upload: Upload,
    code: ErrorCode,
    detail: string,
    also: readonly Op[] = [],
  ): Promise<void> {
    this.#totals.dead++;
    this.#index.remove(waiting);
    const death = { code, detail, atMs: this.options.clock.wallMs() };
    const value = encodeStored({ waiting, upload, death });
    await this.#forget([deletion(waiting), { type: 'put', key: keyOf(DEAD, waiting), value }, ...also]);
    await this.#boundDeadLetters();
  }

  /** Everything that waits, then everything dead, each in order of arrival. */
  async list(): Promise<Stored[]> {
    return [...(await readAll(this.store, QUEUE)), ...(await readAll(this.store, DEAD))];
  }

  /** Puts dead letters back into the queue: the one with `key`, or all. Returns how many. */
  async retry(key: string | null): Promise<number> {
    const letters = (await readAll(this.store, DEAD)).filter(isKey(key));
    for (const letter of letters) {
      await this.put(letter.upload);
      await this.#write([{ type: 'del', key: keyOf(DEAD, letter.waiting) }]);
    }
    return letters.length;
  }

  /** Drops what waits or is dead under `key`, or all dead letters when null. Returns how many. */
  async drop(key: string | null): Promise<number> {
    const letters = (await readAll(this.store, DEAD)).filter(isKey(key));
    await this.#write(letters.map(({ waiting }) => ({ type: 'del', key: keyOf(DEAD, waiting) })));
    const waiting = this.#index.all().filter((candidate) => key !== null && candidate.key === key);
    for (const one of waiting) await this.discard(one);
    return letters.length + waiting.length;
  }

  async #load(): Promise<void> {
    const totals = totalsSchema.safeParse(parseJson(String(await this.store.get(TOTALS))));
    if (totals.success) Object.assign(this.#totals, totals.data);
    this.#bytesBefore = this.#totals.bytesWritten;
    for await (const { waiting } of each(this.store, QUEUE)) {
      this.#index.add(waiting);
      this.#nextSeq = Math.max(this.#nextSeq, waiting.seq + 1);
    }
    for await (const { waiting } of each(this.store, DEAD)) {
      this.#nextSeq = Math.max(this.#nextSeq, waiting.seq + 1);
    }
    const { offered, delivered, dead, evicted, expired, dropped, damaged } = this.#totals;
    const lost = offered - delivered - dead - evicted - expired - dropped - damaged - this.#index.count;
    if (lost > 0) {
      this.#totals.damaged += lost;
      this.options.onDamage(lost);
    }
    // Fewer lost than none: the totals themselves were damaged, so they begin anew from what is there.
    if (lost < 0) this.#totals.offered -= lost;
  }

  /** Deletions may come late: what is deleted twice or sent twice under its key does no harm. */
  async #forget(ops: readonly Op[]): Promise<void> {
    try {
      await this.#write(ops);
    } catch {
      this.#owe(ops);
    }
  }

  async #write(ops: readonly Op[]): Promise<void> {
    const owed = new Set(this.#owed);
    this.#totals.bytesWritten = this.#bytesBefore + this.store.counters.bytesWritten;
    const totals: Op = { type: 'put', key: TOTALS, value: Buffer.from(JSON.stringify(this.#totals)) };
    await this.store.write([...owed, ...ops, totals, this.options.steady.save()], true);
    this.#owed = this.#owed.filter((op) => !owed.has(op));
  }

  #owe(ops: readonly Op[]): void {
    this.#owed = [...this.#owed, ...ops].slice(-MAX_OWED);
  }

  async #boundDeadLetters(): Promise<void> {
    const keys: string[] = [];
    for await (const [key] of this.store.range(DEAD, endOf(DEAD))) keys.push(key);
    const surplus = keys.slice(0, Math.max(0, keys.length - this.options.maxDeadLetters));
    if (surplus.length > 0) await this.#forget(surplus.map((key) => ({ type: 'del', key })));
  }
}

/** What the outbox in a store has counted; null before its first event. */
export async function readTotals(store: Store): Promise<OutboxTotals | null> {
  return totalsSchema.safeParse(parseJson(String(await store.get(TOTALS)))).data ?? null;
}

/** Uploads under a prefix, in order of arrival; for looking at a store that no outbox has open. */
export async function readStored(store: Store): Promise<Stored[]> {
  return [...(await readAll(store, QUEUE)), ...(await readAll(store, DEAD))];
}

async function readAll(store: Store, prefix: string): Promise<Stored[]> {
  const found: Stored[] = [];
  for await (const stored of each(store, prefix)) found.push(stored);
  return found;
}

async function* each(store: Store, prefix: string): AsyncIterable<Stored> {
  for await (const [, record] of store.range(prefix, endOf(prefix))) {
    const stored = decodeStored(record);
    if (stored !== null) yield stored;
  }
}

function isKey(key: string | null): (stored: Stored) => boolean {
  return (stored) => key === null || stored.waiting.key === key;
}

/** Keys sort as their sequence numbers do. */
function keyOf(prefix: string, waiting: Waiting): string {
  return prefix + String(waiting.seq).padStart(16, '0');
}

function deletion(waiting: Waiting): Op {
  return { type: 'del', key: keyOf(QUEUE, waiting) };
}

import { mkdtemp, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ClassicLevel } from 'classic-level';
import { CatnapError } from '../../core/errors.js';
import { makePrivateFolder } from '../../files/private-folder.js';

/** One change of a store. A batch of them is done whole or not at all. */
export type Op =
  | { readonly type: 'put'; readonly key: string; readonly value: Uint8Array }
  | { readonly type: 'del'; readonly key: string };

/** An ordered, durable map of small records; the outbox, the ledger and the audit live in such. */
export interface Store {
  /**
   * Makes all changes at once. With `durable` they have reached the disk when it resolves; without, they survive
   * the process but perhaps not the power. Throws `STORE_FULL` when the disk takes no more.
   */
  write(ops: readonly Op[], durable: boolean): Promise<void>;
  /** The value, or null when there is none or it is damaged. */
  get(key: string): Promise<Buffer | null>;
  /** Sound records from `from` (included) to `to` (left out), in order of their keys. */
  range(from: string, to: string, reverse?: boolean): AsyncIterable<readonly [string, Buffer]>;
  readonly counters: StoreCounters;
  close(): Promise<void>;
}

/** What a store counts, from its opening on. */
export interface StoreCounters {
  /** Bytes handed to the disk, framing included; what compaction writes again comes on top. */
  readonly bytesWritten: number;
  readonly durableWrites: number;
  /** Records skipped because their checksum was wrong. */
  readonly damaged: number;
  /** Writes that the disk refused. */
  readonly refused: number;
}

/** The end of the range of all keys that start with `prefix`. */
export function endOf(prefix: string): string {
  return `${prefix}\uffff`;
}

const CHECKSUM_BYTES = 4;
/** LevelDB's log frames: 7 bytes a record, 12 a batch, about 3 of lengths and type a change. */
const FRAME_BYTES = 19;
const OP_BYTES = 3;
/** Small buffers: this is a device with 512 MB. */
const BUFFER_BYTES = 1024 * 1024;

/**
 * Opens a LevelDB. What is damaged beyond opening is repaired; what cannot be repaired is set aside as
 * `<location>.damaged-...` and an empty store takes its place. Throws `STATE_INVALID` when another process has it,
 * `STORE_FULL` when the disk cannot be written.
 */
export async function openLevelStore(location: string, onDamage: (detail: string) => void): Promise<Store> {
  await makePrivateFolder(location).catch((cause: unknown) => {
    throw fullError(location, cause);
  });
  const store = new LevelStore(location, onDamage);
  await store.open();
  return store;
}

/** Native code, which whoever keeps nothing on disk does not load. */
const nativeLevel = () => import('classic-level');

class LevelStore implements Store {
  readonly counters = { bytesWritten: 0, durableWrites: 0, damaged: 0, refused: 0 };
  #db: ClassicLevel<string, Uint8Array> | null = null;
  #reopening: Promise<void> | null = null;
  #closed = false;

  constructor(
    private readonly location: string,
    private readonly onDamage: (detail: string) => void,
  ) {}

  async open(): Promise<void> {
    try {
      this.#db = await this.#openDb();
      await this.#tellDropped();
    } catch (error) {
      if (codeOf(error) === 'LEVEL_LOCKED') {
        throw new CatnapError(
          'STATE_INVALID',
          `${this.location}: expected a state folder of its own, found another Catnap that runs with it; end that one, or set another stateDir`,
          { cause: error },
        );
      }
      if (refusesWriting(error)) throw fullError(this.location, error);
      this.#db = await this.#mend();
    }
  }

  async write(ops: readonly Op[], durable: boolean): Promise<void> {
    const db = await this.#ready();
    const sealed = ops.map((op) => (op.type === 'put' ? { ...op, value: seal(op.value) } : op));
    try {
      // It copies options into every change: an empty one spares V8 a hidden class for each.
      await db.batch(sealed, durable ? { sync: true } : {});
    } catch (error) {
      this.counters.refused++;
      // After a failed append LevelDB's log may end in half a record, which would swallow what follows it.
      this.#db = null;
      await db.close().catch(() => {});
      throw fullError(this.location, error);
    }
    this.counters.bytesWritten += FRAME_BYTES + sealed.reduce((sum, op) => sum + sizeOfOp(op), 0);
    if (durable) this.counters.durableWrites++;
  }

  async get(key: string): Promise<Buffer | null> {
    const db = await this.#ready();
    try {
      const sealed = await db.get(key);
      return sealed === undefined ? null : this.#unseal(sealed);
    } catch (error) {
      return this.#skip(error);
    }
  }

  async *range(from: string, to: string, reverse = false): AsyncIterable<readonly [string, Buffer]> {
    const db = await this.#ready();
    const iterator = db.iterator({ gte: from, lt: to, reverse });
    try {
      for (;;) {
        const entry = await iterator.next().catch((error: unknown) => this.#skip(error));
        if (!entry) return;
        const value = this.#unseal(entry[1]);
        if (value !== null) yield [entry[0], value];
      }
    } finally {
      await iterator.close();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#reopening?.catch(() => {});
    await this.#db?.close();
    this.#db = null;
  }

  async #openDb(): Promise<ClassicLevel<string, Uint8Array>> {
    const { ClassicLevel } = await nativeLevel();
    const db = new ClassicLevel<string, Uint8Array>(this.location, {
      valueEncoding: 'view',
      writeBufferSize: BUFFER_BYTES,
      cacheSize: BUFFER_BYTES,
    });
    try {
      await db.open();
      return db;
    } catch (error) {
      throw error instanceof Error && error.cause !== undefined ? error.cause : error;
    }
  }

  /** LevelDB skips damaged stretches of its log in silence, but for a line in its LOG. */
  async #tellDropped(): Promise<void> {
    const log = await readFile(join(this.location, 'LOG'), 'utf8').catch(() => '');
    const dropped = [...log.matchAll(/dropping (\d+) bytes/g)].reduce(
      (sum, match) => sum + Number(match[1]),
      0,
    );
    if (dropped === 0) return;
    this.counters.damaged++;
    this.onDamage(`${this.location}: ${dropped} damaged bytes were skipped`);
  }

  async #mend(): Promise<ClassicLevel<string, Uint8Array>> {
    try {
      await (await nativeLevel()).ClassicLevel.repair(this.location);
      const db = await this.#openDb();
      this.onDamage(`${this.location}: was damaged and has been repaired`);
      return db;
    } catch {
      const aside = await mkdtemp(`${this.location}.damaged-`);
      await rename(this.location, aside);
      await makePrivateFolder(this.location);
      this.onDamage(`${this.location}: was damaged beyond repair and has been set aside as ${aside}`);
      return this.#openDb();
    }
  }

  async #ready(): Promise<ClassicLevel<string, Uint8Array>> {
    if (this.#closed) throw new CatnapError('STATE_INVALID', `${this.location}: closed`);
    if (this.#db === null) {
      this.#reopening ??= this.open().finally(() => {
        this.#reopening = null;
      });
      await this.#reopening;
    }
    if (this.#db === null) throw new CatnapError('STATE_INVALID', `${this.location}: not open`);
    return this.#db;
  }

  #unseal(sealed: Uint8Array): Buffer | null {
    const buffer = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    const value = buffer.subarray(CHECKSUM_BYTES);
    if (buffer.length >= CHECKSUM_BYTES && buffer.readUInt32LE(0) === crc32(value)) return value;
    this.counters.damaged++;
    return null;
  }

  #skip(_error: unknown): null {
    this.counters.damaged++;
    return null;
  }
}

/** A store that lasts as long as the process: for replays, where nothing needs to outlive it. */
export function createMemoryStore(): Store {
  const records = new Map<string, Buffer>();
  const counters = { bytesWritten: 0, durableWrites: 0, damaged: 0, refused: 0 };
  return {
    counters,
    async write(ops, durable) {
      for (const op of ops) {
        if (op.type === 'put') records.set(op.key, Buffer.from(op.value));
        else records.delete(op.key);
        counters.bytesWritten += sizeOfOp(op);
      }
      if (durable) counters.durableWrites++;
    },
    async get(key) {
      return records.get(key) ?? null;
    },
    async *range(from, to, reverse = false) {
      const keys = [...records.keys()].filter((key) => key >= from && key < to).sort();
      for (const key of reverse ? keys.reverse() : keys) {
        const value = records.get(key);
        if (value !== undefined) yield [key, value] as const;
      }
    },
    async close() {
      records.clear();
    },
  };
}

function seal(value: Uint8Array): Buffer {
  const sealed = Buffer.allocUnsafe(CHECKSUM_BYTES + value.length);
  sealed.writeUInt32LE(crc32(value), 0);
  sealed.set(value, CHECKSUM_BYTES);
  return sealed;
}

function sizeOfOp(op: Op): number {
  return OP_BYTES + op.key.length + (op.type === 'put' ? op.value.length : 0);
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function fullError(location: string, cause: unknown): CatnapError {
  const why = isDiskFull(cause) ? 'no space left' : 'disk refuses to write';
  return new CatnapError('STORE_FULL', `${location}: ${why}`, { cause });
}

function isDiskFull(error: unknown): boolean {
  return /no space left|ENOSPC|disk quota|EDQUOT/i.test(messageOf(error));
}

/** A disk that cannot be written now says nothing about what stands on it: nothing is to be mended. */
function refusesWriting(error: unknown): boolean {
  const others = /read-only|EROFS|permission denied|EACCES|file too large|EFBIG|too many open files|EMFILE/i;
  return isDiskFull(error) || others.test(messageOf(error));
}

function messageOf(error: unknown): string {
  return String(error instanceof Error ? error.message : error);
}

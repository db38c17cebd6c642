import { CatnapError } from '../core/errors.js';
import type { JournalFiles } from '../events/journal.js';
import type { Op, Store } from '../uplink/queue/store.js';
import type { Life } from './life.js';

/** How a disk does; it can always be read. */
export type DiskState = 'ok' | 'full' | 'read-only';

const QUICK_MS = 4;

/** A disk that outlives processes, with the faults of one: what `openLevelStore` opens, in memory. */
export class SimulatedDisk {
  state: DiskState = 'ok';
  /** How long a write takes. */
  writeMs = QUICK_MS;
  readonly #records = new Map<string, Buffer>();
  /** Undoes, newest last, what was written and not synced. */
  readonly #unsynced: (() => void)[] = [];
  readonly #texts = new Map<string, string>();
  #writing: Promise<unknown> = Promise.resolve();

  constructor(private readonly random: () => number) {}

  /** The power goes: of what was not synced a part is kept, as it happens. */
  cutPower(): void {
    const kept = Math.floor(this.random() * (this.#unsynced.length + 1));
    for (const undo of this.#unsynced.splice(kept).reverse()) undo();
    this.#unsynced.length = 0;
  }

  /** What a crash of the process leaves: the disk does what it was told, but nobody hears of it. */
  forgetProcess(): void {
    this.#writing = Promise.resolve();
  }

  /** One record rots, of those whose key begins with `prefix`; what it was, null where there is none. */
  rot(prefix: string): Buffer | null {
    const keys = [...this.#records.keys()].filter((key) => key.startsWith(prefix)).sort();
    const key = keys[Math.floor(this.random() * keys.length)];
    if (key === undefined) return null;
    const record = this.#records.get(key) ?? null;
    this.#records.delete(key);
    return record;
  }

  /**
   * Opens the store on it.
   * @throws CatnapError `STORE_FULL` while it cannot be written.
   */
  async open(life: Life, hasDescriptors = () => true): Promise<Store> {
    await life.sleep(this.writeMs);
    if (this.state !== 'ok' || !hasDescriptors()) throw this.#refusal();
    const counters = { bytesWritten: 0, durableWrites: 0, damaged: 0, refused: 0 };
    return {
      counters,
      write: (ops, durable) => {
        const writing = this.#writing.then(() => this.#write(life, ops, durable, counters));
        this.#writing = writing.catch(() => {});
        return writing;
      },
      get: async (key) => this.#records.get(key) ?? null,
      range: (from, to, reverse = false) => this.#range(from, to, reverse),
      close: async () => {},
    };
  }

  /** Files on it, for a journal. A full disk may take a part of what it is given. */
  files(life: Life, hasDescriptors = () => true): JournalFiles {
    return {
      makeFolder: async () => {
        if (this.state !== 'ok') throw this.#refusal();
      },
      list: async () => [...this.#texts.keys()].map((path) => path.split('/').at(-1) ?? ''),
      read: async (path) => this.#texts.get(path) ?? '',
      append: async (path, text) => {
        await life.sleep(this.writeMs);
        if (!hasDescriptors()) throw new Error('EMFILE: too many open files');
        const taken = this.state === 'ok' ? text : this.#part(text);
        this.#texts.set(path, (this.#texts.get(path) ?? '') + taken);
        if (taken !== text) throw this.#refusal();
      },
      remove: async (path) => {
        this.#texts.delete(path);
      },
    };
  }

  /** What was appended to files whose path begins so, in order of their names. */
  textBelow(begin: string): string {
    const paths = [...this.#texts.keys()].filter((path) => path.startsWith(begin)).sort();
    // The last line of a file may be half a line.
    return paths.map((path) => this.#texts.get(path)).join('\n');
  }

  /** Characters in files. */
  get textBytes(): number {
    return [...this.#texts.values()].reduce((sum, text) => sum + text.length, 0);
  }

  /** What the store holds below a prefix. */
  recordsBelow(prefix: string): readonly Buffer[] {
    return [...this.#records].filter(([key]) => key.startsWith(prefix)).map(([, record]) => record);
  }

  /** Records in the store. */
  get recordCount(): number {
    return this.#records.size;
  }

  #part(text: string): string {
    return this.state === 'full' ? text.slice(0, Math.floor(this.random() * Math.min(text.length, 500))) : '';
  }

  async #write(
    life: Life,
    ops: readonly Op[],
    durable: boolean,
    counters: { bytesWritten: number; durableWrites: number; refused: number },
  ): Promise<void> {
    const { writeMs } = this;
    await life.sleep(writeMs / 2);
    if (this.state !== 'ok') {
      counters.refused++;
      throw this.#refusal();
    }
    this.#unsynced.push(this.#apply(ops));
    if (durable) this.#unsynced.length = 0;
    // It is done; that it was is heard of later, or never.
    await life.sleep(writeMs / 2);
    counters.bytesWritten += ops.reduce((sum, op) => sum + (op.type === 'put' ? op.value.length : 0), 0);
    if (durable) counters.durableWrites++;
  }

  /** What undoes it. */
  #apply(ops: readonly Op[]): () => void {
    const before = ops.map(({ key }) => [key, this.#records.get(key)] as const);
    for (const op of ops) {
      if (op.type === 'put') this.#records.set(op.key, Buffer.from(op.value));
      else this.#records.delete(op.key);
    }
    return () => {
      for (const [key, value] of before.reverse()) {
        if (value === undefined) this.#records.delete(key);
        else this.#records.set(key, value);
      }
    };
  }

  async *#range(from: string, to: string, reverse: boolean): AsyncIterable<readonly [string, Buffer]> {
    const keys = [...this.#records.keys()].filter((key) => key >= from && key < to).sort();
    for (const key of reverse ? keys.reverse() : keys) {
      const value = this.#records.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  #refusal(): CatnapError {
    return new CatnapError(
      'STORE_FULL',
      this.state === 'full' ? 'no space left' : 'the disk refuses to write',
    );
  }
}

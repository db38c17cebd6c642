import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseJson } from '../../core/json.js';
import { makePrivateFolderSync } from '../../files/private-folder.js';
import { replaceFile } from '../../files/replace-file.js';

/** Beside the configuration: what stood there before it was rolled out. */
const FOLDER = '.catnap-before';
const PENDING = 'pending.json';

interface Pending {
  /** Files that were replaced, and whether they were there before. */
  readonly files: readonly { readonly path: string; readonly kept: string | null }[];
  /** Confirmed: it stays unless somebody wants it back. */
  readonly isKept: boolean;
  /** Starts since then. */
  readonly starts: number;
}

/** One file that is rolled out. */
export interface NewFile {
  readonly path: string;
  readonly content: Buffer;
}

/**
 * Replaces files of a device with what was rolled out, each as a whole, and keeps what was there before aside for the
 * way back. Until that is confirmed a start that follows no orderly end takes it back by itself.
 */
export class Keeper {
  readonly #folder: string;

  /** @param configFile whose folder holds what is replaced */
  constructor(configFile: string) {
    this.#folder = join(dirname(configFile), FOLDER);
  }

  /** Whether something was rolled out that nobody confirmed yet. */
  get isPending(): boolean {
    const pending = this.#read();
    return pending !== null && !pending.isKept;
  }

  /** Throws what the file system throws; then everything stands as before. */
  apply(files: readonly NewFile[]): void {
    makePrivateFolderSync(this.#folder);
    const kept = files.map(({ path }) => {
      if (!existsSync(path)) return { path, kept: null };
      const name = `${basename(path)}.${sha256Of(Buffer.from(path)).slice(0, 8)}`;
      replaceFile(join(this.#folder, name), readFileSync(path));
      return { path, kept: name };
    });
    this.#write({ files: kept, isKept: false, starts: 0 });
    try {
      for (const { path, content } of files) {
        mkdirSync(dirname(path), { recursive: true });
        replaceFile(path, content);
      }
    } catch (error) {
      this.back();
      throw error;
    }
  }

  /** Confirms what was rolled out last. */
  keep(): void {
    const pending = this.#read();
    if (pending !== null) this.#write({ ...pending, isKept: true });
  }

  /** Takes back what was rolled out last; false where there is nothing to take back. */
  back(): boolean {
    const pending = this.#read();
    if (pending === null) return false;
    for (const { path, kept } of pending.files) {
      if (kept === null && existsSync(path)) rmSync(path);
      if (kept === null) continue;
      replaceFile(path, readFileSync(join(this.#folder, kept)));
    }
    rmSync(join(this.#folder, PENDING), { force: true });
    return true;
  }

  /** Catnap starts: the second time without an end in between, what nobody confirmed is taken back, and true. */
  starting(): boolean {
    const pending = this.#read();
    if (pending === null || pending.isKept) return false;
    if (pending.starts > 0) return this.back();
    this.#write({ ...pending, starts: pending.starts + 1 });
    return false;
  }

  #read(): Pending | null {
    const path = join(this.#folder, PENDING);
    if (!existsSync(path)) return null;
    const pending = parseJson(readFileSync(path, 'utf8')) as Partial<Pending> | null | undefined;
    return Array.isArray(pending?.files) ? (pending as Pending) : null;
  }

  #write(pending: Pending): void {
    replaceFile(join(this.#folder, PENDING), JSON.stringify(pending));
  }
}

/** SHA-256 in hexadecimal. */
export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

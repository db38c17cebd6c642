import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { parseJson } from '../../core/json.js';
import { makePrivateFolderSync } from '../../files/private-folder.js';
import { replaceFile } from '../../files/replace-file.js';

/** Beside the configuration: what stood there before it was rolled out. */
const FOLDER = '.catnap-before';
const LEDGER = 'rolled-out.json';
/** Roll-outs that can be taken back, one after the other; the oldest goes first. */
const ROLL_OUTS_MAX = 5;

interface RollOut {
  /** Files that were replaced, by what, and under which name each was kept; null: it was not there before. */
  readonly files: readonly { readonly path: string; readonly sha256: string; readonly kept: string | null }[];
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
    return this.#read().at(-1)?.isKept === false;
  }

  /** Throws what the file system throws; then everything stands as before. */
  apply(files: readonly NewFile[]): void {
    makePrivateFolderSync(this.#folder);
    const kept = files.map((file) => {
      const { path } = file;
      const sha256 = sha256Of(file.content);
      if (!existsSync(path)) return { path, sha256, kept: null };
      const content = readFileSync(path);
      const name = `${basename(path)}.${sha256Of(content).slice(0, 16)}`;
      replaceFile(join(this.#folder, name), content);
      return { path, sha256, kept: name };
    });
    const before = this.#read().slice(1 - ROLL_OUTS_MAX);
    this.#write([...before, { files: kept, isKept: false, starts: 0 }]);
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
    this.#change((last) => ({ ...last, isKept: true }));
  }

  /**
   * Takes back what was rolled out last; false where there is nothing to take back.
   * @param sha256 of a file: nothing is taken back but what brought it.
   */
  back(sha256?: string): boolean {
    const rolledOut = this.#read();
    const last = rolledOut.at(-1);
    if (last === undefined) return false;
    if (sha256 !== undefined && last.files.every((file) => file.sha256 !== sha256)) return false;
    for (const { path, kept } of last.files) {
      if (kept !== null) replaceFile(path, readFileSync(join(this.#folder, kept)));
      else if (existsSync(path)) rmSync(path);
    }
    this.#write(rolledOut.slice(0, -1));
    return true;
  }

  /** Catnap starts: the second time without an end in between, what nobody confirmed is taken back, and true. */
  starting(): boolean {
    const last = this.#read().at(-1);
    if (last === undefined || last.isKept) return false;
    if (last.starts > 0) return this.back();
    this.#change(() => ({ ...last, starts: last.starts + 1 }));
    return false;
  }

  #change(change: (last: RollOut) => RollOut): void {
    const rolledOut = this.#read();
    const last = rolledOut.at(-1);
    if (last !== undefined) this.#write([...rolledOut.slice(0, -1), change(last)]);
  }

  /** Oldest first. */
  #read(): readonly RollOut[] {
    const path = join(this.#folder, LEDGER);
    const found = existsSync(path) ? parseJson(readFileSync(path, 'utf8')) : [];
    return Array.isArray(found) ? (found as RollOut[]) : [];
  }

  /** Whatever no roll-out names any more is not kept. */
  #write(rolledOut: readonly RollOut[]): void {
    replaceFile(join(this.#folder, LEDGER), JSON.stringify(rolledOut));
    const named = new Set(rolledOut.flatMap(({ files }) => files.map(({ kept }) => kept)));
    for (const name of readdirSync(this.#folder))
      if (name !== LEDGER && !named.has(name)) rmSync(join(this.#folder, name), { force: true });
  }
}

/** SHA-256 in hexadecimal. */
export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

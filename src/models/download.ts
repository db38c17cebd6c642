import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { CatnapError } from '../core/errors.js';
import type { WayOut } from '../egress/way-out.js';

/** A file that is wanted from elsewhere, and what it has to be. */
export interface Download {
  readonly url: string;
  readonly sha256: string;
  /** Where it is to stand. */
  readonly path: string;
  /** Asking for it leaves the device. */
  readonly wayOut: Pick<WayOut, 'leave'>;
}

/** A model is smaller than this; a page that never ends is not. */
const MOST_BYTES = 512 * 2 ** 20;

/**
 * Fetches a file, going on where an earlier try stopped. It appears at its path as a whole and only if it is the
 * one meant; what came of it until then stands beside it, as `.partial`.
 * @param signal ends the try; what came is kept.
 * @throws CatnapError `EGRESS_DENIED` when offline, `MODEL_MISSING` when it cannot be fetched, `MODEL_CORRUPT` when
 * it is another; then nothing is kept.
 */
export async function download(wanted: Download, signal: AbortSignal): Promise<void> {
  const { url, sha256, path } = wanted;
  const partial = `${path}.partial`;
  const before = sizeOf(partial);
  const response = await ask(wanted, before, signal);
  const goesOn = response.status === 206;
  if (response.status !== 416) {
    if (response.body === null || !response.ok)
      throw new CatnapError('MODEL_MISSING', `${url}: expected a file, found status ${response.status}`);
    const start = goesOn ? before : 0;
    const output = createWriteStream(partial, { flags: goesOn ? 'a' : 'w', mode: 0o600, flush: true });
    try {
      await pipeline(Readable.fromWeb(response.body), limited(url, partial, start), output, { signal });
    } catch (cause) {
      if (cause instanceof CatnapError) throw cause;
      throw new CatnapError('MODEL_MISSING', whyCut(url, partial, cause), { cause });
    }
  }
  const found = await digestOf(partial);
  if (found !== sha256) {
    rmSync(partial, { force: true });
    throw new CatnapError('MODEL_CORRUPT', `${url}: expected sha256 ${sha256}, found ${found}`);
  }
  renameSync(partial, path);
}

/** What is written fails by a call of the system, what is read by the connection. */
function whyCut(url: string, partial: string, cause: unknown): string {
  if (cause instanceof Error && 'syscall' in cause && 'code' in cause)
    return `${partial}: expected to write it, found ${String(cause.code)}`;
  const had = `found the connection cut after ${sizeOf(partial)} bytes`;
  return `${url}: expected all of it, ${had}; run the command again, it goes on from there`;
}

async function ask({ url, wayOut }: Download, from: number, signal: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = from === 0 ? {} : { range: `bytes=${from}-` };
  const passage = { what: 'model', to: new URL(url).host, bytes: Buffer.byteLength(url) } as const;
  try {
    return await wayOut.leave(passage, () => fetch(url, { headers, signal }));
  } catch (cause) {
    if (cause instanceof CatnapError) throw cause;
    throw new CatnapError('MODEL_MISSING', `${url}: expected an answer, found none`, { cause });
  }
}

/** Passes on what comes until it is too much. */
function limited(url: string, partial: string, start: number) {
  return async function* (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = start;
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > MOST_BYTES) {
        rmSync(partial, { force: true });
        throw new CatnapError('MODEL_CORRUPT', `${url}: expected at most ${MOST_BYTES} bytes, found more`);
      }
      yield piece;
    }
  };
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Uint8Array);
  return hash.digest('hex');
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

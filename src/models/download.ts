import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Time } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import { Watchdog } from '../core/watchdog.js';
import type { WayOut } from '../egress/way-out.js';

/** A file that is wanted from elsewhere, and what it has to be. */
export interface Download {
  readonly url: string;
  readonly sha256: string;
  /** Where it is to stand. */
  readonly path: string;
  /** Asking for it leaves the device. */
  readonly wayOut: Pick<WayOut, 'leave'>;
  readonly time: Time;
}

/** The connection of a download, which is hung up when nothing has come by it for long. */
interface Line {
  readonly signal: AbortSignal;
  /** Something came. */
  readonly feed: () => void;
}

/** A model is smaller than this; a page that never ends is not. */
const MOST_BYTES = 512 * 2 ** 20;
/** A server that sends nothing for so long will not go on. */
const SILENCE_MS = 30_000;

/**
 * Fetches a file, going on where an earlier try stopped. It appears at its path as a whole and only if it is the
 * one meant; what came of it until then stands beside it, as `.partial`. However long it takes: it ends once nothing
 * has come for 30 s.
 * @throws CatnapError `EGRESS_DENIED` when offline, `MODEL_MISSING` when it cannot be fetched, `MODEL_CORRUPT` when
 * it is another; then nothing is kept.
 */
export async function download(wanted: Download): Promise<void> {
  const { url, sha256, path, time } = wanted;
  const partial = `${path}.partial`;
  const silence = new AbortController();
  const watchdog = new Watchdog(time, SILENCE_MS, () => silence.abort());
  try {
    await fetchInto(partial, wanted, { signal: silence.signal, feed: () => watchdog.feed() });
  } finally {
    watchdog.stop();
  }
  const found = await digestOf(partial);
  if (found !== sha256) {
    rmSync(partial, { force: true });
    throw new CatnapError('MODEL_CORRUPT', `${url}: expected sha256 ${sha256}, found ${found}`);
  }
  renameSync(partial, path);
}

async function fetchInto(partial: string, wanted: Download, line: Line): Promise<void> {
  const { url } = wanted;
  const before = sizeOf(partial);
  const response = await ask(wanted, before, line);
  if (response.status === 416) return;
  if (response.body === null || !response.ok)
    throw new CatnapError('MODEL_MISSING', `${url}: expected a file, found status ${response.status}`);
  const goesOn = response.status === 206;
  const start = goesOn ? before : 0;
  const output = createWriteStream(partial, { flags: goesOn ? 'a' : 'w', mode: 0o600, flush: true });
  const { signal } = line;
  try {
    await pipeline(Readable.fromWeb(response.body), limited(url, partial, start, line), output, { signal });
  } catch (cause) {
    if (cause instanceof CatnapError) throw cause;
    throw new CatnapError('MODEL_MISSING', whyCut(url, partial, cause, signal.aborted), { cause });
  }
}

/** What is written fails by a call of the system, what is read by the connection. */
function whyCut(url: string, partial: string, cause: unknown, isSilent: boolean): string {
  if (cause instanceof Error && 'syscall' in cause && 'code' in cause)
    return `${partial}: expected to write it, found ${String(cause.code)}`;
  const what = isSilent ? `nothing more for ${SILENCE_MS / 1000} s` : 'the connection cut';
  const had = `found ${what} after ${sizeOf(partial)} bytes`;
  return `${url}: expected all of it, ${had}; run the command again, it goes on from there`;
}

async function ask({ url, wayOut }: Download, from: number, { signal, feed }: Line): Promise<Response> {
  const headers: Record<string, string> = from === 0 ? {} : { range: `bytes=${from}-` };
  const passage = { what: 'model', to: new URL(url).host, bytes: Buffer.byteLength(url) } as const;
  try {
    const response = await wayOut.leave(passage, () => fetch(url, { headers, signal }));
    feed();
    return response;
  } catch (cause) {
    if (cause instanceof CatnapError) throw cause;
    const found = signal.aborted ? `none in ${SILENCE_MS / 1000} s` : 'none';
    throw new CatnapError('MODEL_MISSING', `${url}: expected an answer, found ${found}`, { cause });
  }
}

/** Passes on what comes until it is too much. */
function limited(url: string, partial: string, start: number, { feed }: Line) {
  return async function* (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = start;
    for await (const piece of pieces) {
      feed();
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

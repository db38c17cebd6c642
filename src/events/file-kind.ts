import { close, open, write as writeTo } from 'node:fs';
import { resolve } from 'node:path';
import { Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { Sink } from '../core/events/events.js';
import type { Finding } from '../core/finding.js';
import { unwritable } from '../files/unwritable.js';
import { Loss } from './loss.js';
import type { SinkEdges, SinkPlace } from './sink-kind.js';

/** Settings of such a sink. */
export interface FileSettings {
  readonly path: string;
}

/** What a sink that writes on to the end of a file has, whatever it writes. */
export function intoFile(write: (stream: Writable) => Sink) {
  return {
    open: ({ path }: FileSettings, edges: SinkEdges): Promise<Sink> =>
      openFile(resolve(edges.folder, path), write, edges.onError),
    async check({ path }: FileSettings, { folder }: SinkPlace): Promise<Finding> {
      const { checkFile } = await import('./path-check.js');
      return checkFile(resolve(folder, path));
    },
  };
}

async function openFile(
  path: string,
  write: (stream: Writable) => Sink,
  onError: (error: unknown) => void,
): Promise<Sink> {
  let fd: number;
  try {
    fd = await promisify(open)(path, 'a', 0o600);
  } catch (cause) {
    throw unwritable(path, cause);
  }
  const stream = new LineFile(path, fd, onError);
  const sink = write(stream);
  return {
    publish: (event) => sink.publish(event),
    async close() {
      if (stream.closed) return;
      await sink.close();
      await new Promise<void>((closed) => stream.once('close', closed).end());
    },
  };
}

const NEWLINE = 0x0a;

/**
 * Lines on to the end of a file. What a full disk does not take is lost: that is told once, and again with how many
 * events are missing as soon as the disk takes some, or at the end.
 */
class LineFile extends Writable {
  readonly #path: string;
  readonly #fd: number;
  readonly #loss: Loss;
  /** Whether the file ends in the midst of a line. */
  #isMidLine = false;

  constructor(path: string, fd: number, onError: (error: unknown) => void) {
    super();
    this.#path = path;
    this.#fd = fd;
    this.#loss = new Loss(path, onError);
  }

  override _write(lines: Buffer, _: BufferEncoding, done: () => void): void {
    // What follows half a line stands on a line of its own.
    const ending = this.#isMidLine ? 1 : 0;
    const bytes = Buffer.concat([Buffer.alloc(ending, NEWLINE), lines]);
    writeAll(this.#fd, bytes, (failure, written) => {
      if (written > 0) this.#isMidLine = bytes[written - 1] !== NEWLINE;
      const left = linesIn(lines.subarray(Math.max(0, written - ending)));
      if (failure === null) this.#loss.end();
      else this.#loss.add(left, () => unwritable(this.#path, failure, 'to write on to it'));
      done();
    });
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#loss.end();
    close(this.#fd, () => done(error));
  }
}

/** Writes `bytes`, and tells how many of them were written, all or up to a failure. */
function writeAll(
  fd: number,
  bytes: Buffer,
  done: (failure: Error | null, written: number) => void,
  from = 0,
): void {
  writeTo(fd, bytes, from, bytes.length - from, null, (failure, written) => {
    if (failure !== null) done(failure, from);
    else if (from + written < bytes.length) writeAll(fd, bytes, done, from + written);
    else done(null, bytes.length);
  });
}

function linesIn(bytes: Buffer): number {
  return bytes.reduce((lines, byte) => lines + (byte === NEWLINE ? 1 : 0), 0);
}

import { closeSync, openSync, readSync } from 'node:fs';

const CHUNK_BYTES = 256 * 1024;
/** A longer line is passed over, so that a damaged file takes no more memory than this. */
const LINE_MAX_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;

/** Bytes that are read into, used over and over; lent to one reading at a time. */
let spare: Buffer | null = null;

/**
 * Gives every line of a file as its bytes, which are good until the next one is given. Reads at once, for through the
 * thread pool small reads take ten times as long. None where there is no file; throws what else the file system throws.
 *
 * @param take given each line without its end
 */
export function eachLine(path: string, take: (line: Buffer) => void): void {
  withFile(path, (file) => {
    let bytes = spare ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
    spare = null;
    let held = 0;
    let isTooLong = false;
    for (;;) {
      const read = readSync(file, bytes, held, bytes.length - held, null);
      if (read === 0) break;
      const end = held + read;
      let start = 0;
      for (let at = bytes.indexOf(NEWLINE, held); at >= 0 && at < end; at = bytes.indexOf(NEWLINE, start)) {
        if (!isTooLong) take(bytes.subarray(start, at));
        isTooLong = false;
        start = at + 1;
      }
      bytes.copyWithin(0, start, end);
      held = end - start;
      if (held < bytes.length) continue;
      if (bytes.length >= LINE_MAX_BYTES) [isTooLong, held] = [true, 0];
      else bytes = Buffer.concat([bytes], bytes.length * 2);
    }
    if (held > 0 && !isTooLong) take(bytes.subarray(0, held));
    if (bytes.length === CHUNK_BYTES) spare = bytes;
  });
}

/** Gives some lines of a file, by byte offset and length; else as {@link eachLine}. */
export function linesAt(
  path: string,
  places: readonly (readonly [offset: number, length: number])[],
  take: (line: Buffer) => void,
): void {
  withFile(path, (file) => {
    for (const [offset, length] of places) {
      const bytes = Buffer.allocUnsafe(length);
      take(bytes.subarray(0, readSync(file, bytes, 0, length, offset)));
    }
  });
}

/** A file that a running Catnap has removed since it was listed, holds nothing. */
function withFile(path: string, use: (file: number) => void): void {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    use(file);
  } finally {
    closeSync(file);
  }
}

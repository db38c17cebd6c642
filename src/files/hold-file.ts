import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { isRunning, thisProcess } from './running-process.js';

const LOOK_AGAIN_MS = 20;
/** A change takes less than a second on the slowest board. */
const MOST_WAIT_MS = 10_000;

/**
 * Holds a file against other processes of this machine that hold it too, waiting where one does, so that what is read,
 * changed and written again loses nobody's change. What a killed process held is free. Throws what the file system
 * throws, and an error where somebody holds it for ten seconds.
 *
 * @returns lets it go
 */
export function holdFile(path: string): () => void {
  const lock = `${path}.lock`;
  const sleeper = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  for (let waitedMs = 0; !taken(lock); waitedMs += LOOK_AGAIN_MS) {
    const holder = holderOf(lock);
    const isOver = waitedMs >= MOST_WAIT_MS;
    // One that has not written who it is for so long was killed before it could.
    if (holder === null ? isOver : !isRunning(holder)) free(lock, holder);
    else if (isOver) throw new Error(`it held by another process (${holder}, by ${lock})`);
    else Atomics.wait(sleeper, 0, 0, LOOK_AGAIN_MS);
  }
  return () => rmSync(lock, { force: true });
}

/** Frees what a killed process holds; by one of all that saw so, lest another frees what the first took since. */
function free(lock: string, holder: string | null): void {
  const letGo = holdFile(lock);
  try {
    if (holderOf(lock) === holder) rmSync(lock, { force: true });
  } finally {
    letGo();
  }
}

function taken(lock: string): boolean {
  const file = made(lock);
  if (file === null) return false;
  try {
    writeSync(file, thisProcess());
    return true;
  } catch (error) {
    rmSync(lock, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** The new file; null where there is one already. */
function made(lock: string): number | null {
  try {
    return openSync(lock, 'wx');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return null;
    throw error;
  }
}

/** The process that took it; null where it has not written who it is yet, or has let it go. */
function holderOf(lock: string): string | null {
  try {
    return readFileSync(lock, 'utf8') || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isRunning } from './is-running.js';

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
    if (holder === null ? isOver : !isRunning(holder)) rmSync(lock, { force: true });
    else if (isOver) throw new Error(`it held by another process (${holder}, by ${lock})`);
    else Atomics.wait(sleeper, 0, 0, LOOK_AGAIN_MS);
  }
  return () => rmSync(lock, { force: true });
}

function taken(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    rmSync(lock, { force: true });
    throw error;
  }
}

/** The process that took it; null where it has not written who it is yet, or has let it go. */
function holderOf(lock: string): number | null {
  try {
    return Number(readFileSync(lock, 'utf8')) || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

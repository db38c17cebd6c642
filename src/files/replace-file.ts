import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';

/**
 * Writes a file as a whole: whenever the power goes, the old one or the new one is there. Throws what the file system
 * throws; then the old one stands and nothing else is left.
 *
 * @param mode permissions of the new file; by default only its owner may read it
 */
export function replaceFile(path: string, content: string | Uint8Array, mode = 0o600): void {
  const partial = `${path}.partial`;
  try {
    const file = openSync(partial, 'w', mode);
    try {
      if (typeof content === 'string') writeSync(file, content);
      else for (let at = 0; at < content.length; ) at += writeSync(file, content, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

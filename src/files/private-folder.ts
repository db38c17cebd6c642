import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { chmod, mkdir, stat } from 'node:fs/promises';

/** What was said, and what was learnt, is its owner's alone. */
const OWNER_ONLY = 0o700;
const OTHERS = 0o077;

/**
 * Makes a folder that only its owner may enter, with whatever of its path is missing, and closes one that an earlier
 * version left open. For a folder that is Catnap's alone. Throws what the file system throws.
 */
export function makePrivateFolderSync(path: string): void {
  mkdirSync(path, { recursive: true, mode: OWNER_ONLY });
  if ((statSync(path).mode & OTHERS) !== 0) chmodSync(path, OWNER_ONLY);
}

/** The same without waiting for the disk. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: OWNER_ONLY });
  if (((await stat(path)).mode & OTHERS) !== 0) await chmod(path, OWNER_ONLY);
}

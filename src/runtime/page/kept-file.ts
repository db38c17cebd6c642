import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { makePrivateFolderSync } from '../../files/private-folder.js';
import { replaceFile } from '../../files/replace-file.js';

/** What a command adds to its reply where {@link keepIn} could not keep what it did. */
export const NOT_KEPT = '; it could not be kept on the disk and ends with Catnap';

/** Writes what the next start is to know into a file; false where it cannot be written. */
export function keepIn(path: string, what: unknown): boolean {
  try {
    makePrivateFolderSync(dirname(path));
    replaceFile(path, JSON.stringify(what));
    return true;
  } catch {
    return false;
  }
}

/** What stands in such a file; null where there is none, or none can be read: the state folder has its own checks. */
export function keptIn(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

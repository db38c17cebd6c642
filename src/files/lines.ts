import { readFileSync } from 'node:fs';

/** The lines of a file; none where there is no file. Throws what else the file system throws. */
export function linesIfThere(path: string): readonly string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

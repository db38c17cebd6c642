import { readFileSync } from 'node:fs';
import { CatnapError } from '../core/errors.js';
import { whyUnreadable } from '../files/why-unreadable.js';

/**
 * What a command was given to read.
 * @throws CatnapError `INPUT_MISSING`, with what was found.
 */
export function inputFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CatnapError('INPUT_MISSING', `${path}: expected a readable file, ${whyUnreadable(cause)}`, {
      cause,
    });
  }
}

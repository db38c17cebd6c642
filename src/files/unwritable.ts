import { CatnapError } from '../core/errors.js';

/**
 * That something could not be written, with what the file system said.
 * @param place what it was to be, or where.
 */
export function unwritable(place: string, cause: unknown, expected = 'to write a file there'): CatnapError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new CatnapError('OUTPUT_UNWRITABLE', `${place}: expected ${expected}, found ${found}`, { cause });
}

/**
 * Writes, and says of what the file system refuses that it is {@link unwritable}.
 * @throws CatnapError `OUTPUT_UNWRITABLE`
 */
export function writing<Made>(place: string, expected: string, write: () => Made): Made {
  try {
    return write();
  } catch (cause) {
    throw unwritable(place, cause, expected);
  }
}

import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CatnapError } from '../core/errors.js';
import { replaceFile } from '../files/replace-file.js';

/** That a file or folder a command was to write could not be, with what the file system said. */
export function unwritable(path: string, cause: unknown): CatnapError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new CatnapError('OUTPUT_UNWRITABLE', `${path}: expected to write a file there, found ${found}`, {
    cause,
  });
}

/**
 * Writes what a command was asked for as a whole, or not at all.
 * @throws CatnapError `OUTPUT_UNWRITABLE`
 */
export function writeOutput(path: string, content: string, mode?: number): void {
  try {
    replaceFile(path, content, mode);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/**
 * Looks whether a file may be written, before hours are spent on what is to stand in it.
 * @throws CatnapError `OUTPUT_UNWRITABLE` where its folder is not there or may not be written.
 */
export function checkOutput(path: string | undefined): void {
  if (path === undefined) return;
  try {
    accessSync(dirname(resolve(path)), constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

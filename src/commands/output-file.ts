import { accessSync, constants } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { replaceFile } from '../files/replace-file.js';
import { unwritable } from '../files/unwritable.js';

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

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolderSync } from '../../files/private-folder.js';
import { isRunning, thisProcess } from '../../files/running-process.js';

/** Folders that takes are gathered in begin with a point, as no word does, and the process that gathers them. */
const FRESH = /^\.(\d+-\d*)-/u;

/**
 * Makes a folder that takes are gathered in, beside those that are kept; what a process that was killed left there is
 * removed, for it is somebody's voice. Throws what the file system throws.
 */
export function makeFreshFolder(parent: string): string {
  makePrivateFolderSync(parent);
  for (const name of readdirSync(parent)) {
    const [, maker] = FRESH.exec(name) ?? [];
    if (maker !== undefined && !isRunning(maker))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `.${thisProcess()}-`));
}

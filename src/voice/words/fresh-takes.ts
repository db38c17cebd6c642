import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning } from '../../files/is-running.js';
import { makePrivateFolderSync } from '../../files/private-folder.js';

/** Folders that takes are gathered in begin with a point, as no word does, and the process that gathers them. */
const FRESH = /^\.(\d+)-/u;

/**
 * Makes a folder that takes are gathered in, beside those that are kept; what a process that was killed left there is
 * removed, for it is somebody's voice. Throws what the file system throws.
 */
export function makeFreshFolder(parent: string): string {
  makePrivateFolderSync(parent);
  for (const name of readdirSync(parent)) {
    const [, pid] = FRESH.exec(name) ?? [];
    if (pid !== undefined && !isRunning(Number(pid)))
      rmSync(join(parent, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `.${process.pid}-`));
}

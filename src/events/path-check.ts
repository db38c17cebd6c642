import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Finding, ok, problem } from '../core/finding.js';

/** Whether a file can be made, or written on. */
export function checkFile(path: string): Finding {
  const there = existsSync(path);
  if (there && !statSync(path).isFile())
    return problem(`${path}: expected a file, found something else`, 'choose another path');
  return writable(there ? path : dirname(path), path);
}

/** Whether a folder can be made, or written in. */
export function checkFolder(path: string): Finding {
  let nearest = path;
  while (!existsSync(nearest)) nearest = dirname(nearest);
  return writable(nearest, path);
}

function writable(nearest: string, path: string): Finding {
  try {
    accessSync(nearest, constants.W_OK);
    return ok(path);
  } catch (error) {
    return problem(
      `${path}: expected to be able to write there, found ${(error as NodeJS.ErrnoException).code}`,
      'make its folder, or allow Catnap to write in it',
    );
  }
}

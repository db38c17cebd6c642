import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.js';

/** A folder of fake programs in front of PATH. */
export interface Shims {
  readonly folder: string;
  /** Writes a program; `body` is a shell script, or Node.js where it starts with `#!`. */
  write(name: string, body: string): void;
  remove(name: string): void;
  /** Takes the folder off PATH. */
  restore(): void;
}

/** Puts a fresh folder of fake programs in front of PATH. */
export function createShims(): Shims {
  const folder = temporaryFolder();
  const path = process.env.PATH ?? '';
  process.env.PATH = `${folder}:${path}`;
  return {
    folder,
    write: (name, body) =>
      writeFileSync(join(folder, name), body.startsWith('#!') ? body : `#!/bin/sh\n${body}\n`, {
        mode: 0o755,
      }),
    remove: (name) => rmSync(join(folder, name), { force: true }),
    restore: () => {
      process.env.PATH = path;
    },
  };
}

/** True while a process of this id exists and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // Of proc(5): the state behind the command's name. Who is left by its parent waits for init to take it away.
    return !existsSync('/proc/self') || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

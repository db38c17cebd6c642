import { createRequire } from 'node:module';
import type * as Koffi from 'koffi';
import { LAUNCH_ENV, LAUNCH_FLAGS } from './launch-flags.js';

/** fcntl(2): set the flags of a descriptor; without `FD_CLOEXEC` it outlives execve(2). */
const F_SETFD = 2;
const STDIO = [0, 1, 2] as const;

const require = createRequire(import.meta.url);

/**
 * Starts this program anew in its own process, with {@link LAUNCH_FLAGS} and {@link LAUNCH_ENV}, unless it was started
 * with those: `node dist/cli.js run` then takes as little memory as `catnap run`. Process id, arguments, standard
 * streams and what the user set in the environment stay. Call it before anything is opened. Returns where there is
 * nothing to do or it cannot be done: on another system than Linux, or below a parent that talks over a channel of
 * Node's, which would be lost.
 */
export function relaunch(): void {
  const isLaunched = LAUNCH_FLAGS.every((flag) => process.execArgv.includes(flag));
  if (isLaunched || process.platform !== 'linux' || process.send !== undefined) return;
  try {
    const koffi = require('koffi') as typeof Koffi;
    const c = koffi.load(null);
    const fcntl = c.func('int fcntl(int fd, int cmd, ...)');
    const execve = c.func('int execve(const char *path, const char **argv, const char **envp)');
    // Node marks them at its start as not to be inherited (uv_disable_stdio_inheritance).
    for (const descriptor of STDIO) fcntl(descriptor, F_SETFD, 'int', 0);
    const missing = LAUNCH_FLAGS.filter((flag) => !process.execArgv.includes(flag));
    const environment = Object.entries({ ...LAUNCH_ENV, ...process.env });
    execve(
      process.execPath,
      [process.argv0, ...process.execArgv, ...missing, ...process.argv.slice(1), null],
      [...environment.map(([name, value]) => `${name}=${value}`), null],
    );
  } catch {
    // No such library, or the kernel refused: it then runs as it was started.
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { root } from './tools.js';

/** A real Catnap in a process group of its own. */
export interface CatnapProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Address of its dashboard. */
  readonly url: string;
  /** What it has said on stderr so far. */
  readonly stderr: () => string;
}

/**
 * Starts a command that runs Catnap and waits until its dashboard is up. Ended with SIGTERM, the whole group.
 * @throws Error with what it said, when it ends before that.
 */
export async function startCatnap(
  command: string,
  args: readonly string[],
  cwd: string = root,
): Promise<CatnapProcess> {
  const child = spawn(command, args, { cwd, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`ended with ${code} before its dashboard was up: ${said}`)));
    child.stderr?.on('data', (data) => {
      said += String(data);
      const found = /dashboard at (http:\S+)/.exec(said)?.[1];
      if (found !== undefined) resolve(found);
    });
  });
  return {
    child,
    url,
    stderr: () => said,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
      const ended = once(child, 'exit');
      process.kill(-child.pid, 'SIGTERM');
      await ended;
    },
  };
}

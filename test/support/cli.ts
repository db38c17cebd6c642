import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from './tools.js';

/** Runs the built `catnap` to its end. `npm test` builds first. */
export function catnap(
  args: readonly string[],
  options: { readonly cwd?: string; readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'dist/cli.js'), ...args], {
    cwd: options.cwd ?? root,
    input: options.input ?? '',
    env: options.env ?? process.env,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

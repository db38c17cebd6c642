import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Repository root. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The recordings by people, beside the checkout; absent on most machines. */
export const sharedData = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

function onPath(tool: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${tool}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/**
 * True when every named tool is on PATH; otherwise says on stderr which suite is skipped and why.
 * Use as `describe.runIf(requireTool('serial over ptys', 'socat'))`.
 */
export function requireTool(what: string, ...tools: readonly string[]): boolean {
  const missing = tools.filter((tool) => !onPath(tool));
  if (missing.length > 0) process.stderr.write(`SKIPPED ${what}: needs ${missing.join(', ')}\n`);
  return missing.length === 0;
}

/** True when the shared recordings are there; otherwise says that the tests are skipped. */
export function requireData(what: string): boolean {
  const present = existsSync(sharedData);
  if (!present) process.stderr.write(`SKIPPED ${what}: needs the recordings in ../shared/data\n`);
  return present;
}

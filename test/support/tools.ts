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

/** CI sets this: there a suite that would be skipped is a failure. */
const requireAll = process.env.CATNAP_REQUIRE_ALL === '1';

function skip(what: string, needs: string): false {
  if (requireAll) throw new Error(`${what} must run here but needs ${needs}`);
  process.stderr.write(`SKIPPED ${what}: needs ${needs}\n`);
  return false;
}

/**
 * True when every named tool is on PATH; otherwise says on stderr which suite is skipped and why.
 * Use as `describe.runIf(requireTool('serial over ptys', 'socat'))`.
 */
export function requireTool(what: string, ...tools: readonly string[]): boolean {
  const missing = tools.filter((tool) => !onPath(tool));
  return missing.length === 0 || skip(what, missing.join(', '));
}

/** True when the shared recordings are there; otherwise says that the tests are skipped. */
export function requireData(what: string): boolean {
  return existsSync(sharedData) || skip(what, 'the recordings in ../shared/data');
}

/**
 * A Python that has the package `homeassistant`, named by `CATNAP_HOME_ASSISTANT_PYTHON`; null says that what needs it
 * is skipped. No machine has to have it: its schemas stand in `test/vectors`, too.
 */
export function homeAssistantPython(what: string): string | null {
  const python = process.env.CATNAP_HOME_ASSISTANT_PYTHON ?? null;
  if (python === null)
    process.stderr.write(
      `SKIPPED ${what}: needs CATNAP_HOME_ASSISTANT_PYTHON, a Python with homeassistant\n`,
    );
  return python;
}

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Finding, ok, problem } from '../core/finding.js';
import type { SettingFault } from '../core/kind.js';

/** Whether there is something at the path of a source; `remedy` says what to do where there is not. */
export function checkPath(folder: string, file: string, remedy = 'check the path'): Finding {
  const path = resolve(folder, file);
  return existsSync(path) ? ok(path) : problem(`expected ${path}, found nothing`, remedy);
}

/** Whether a file that a source plays is missing. */
export function missingFile(folder: string, file: string): readonly SettingFault[] {
  const path = resolve(folder, file);
  return existsSync(path) ? [] : [{ path: ['path'], message: `expected a file at ${path}, found none` }];
}

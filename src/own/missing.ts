import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SettingFault } from '../core/kind.js';

/** Whether the module of one's own is there that `path` names; looked at without loading it. */
export function missingModule(folder: string, path: string): readonly SettingFault[] {
  const whole = resolve(folder, path);
  if (existsSync(whole)) return [];
  return [{ path: ['path'], message: `expected a JavaScript module at ${whole}, found none` }];
}

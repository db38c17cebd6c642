import { existsSync } from 'node:fs';
import { loadConfig } from '../config/load.js';

const DEFAULT_CONFIG = 'catnap.yaml';
const DEFAULT_STATE = './catnap-state';

/** The state folder a command is about: as given, as the configuration says, or where it is by default. */
export function stateDirOf(flags: { readonly config?: string; readonly state?: string }): string {
  if (flags.state !== undefined) return flags.state;
  const config = flags.config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : null);
  return config === null ? DEFAULT_STATE : loadConfig(config).stateDir;
}

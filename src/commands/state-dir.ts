import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { configuredStateDir } from '../config/load.js';
import { CatnapError } from '../core/errors.js';

const DEFAULT_CONFIG = 'catnap.yaml';
const DEFAULT_STATE = './catnap-state';

/** The state folder a command is about: as given, as the configuration says, or where it is by default. */
export function stateDirOf(flags: { readonly config?: string; readonly state?: string }): string {
  if (flags.state !== undefined) return flags.state;
  const config = configPathOf(flags);
  return config === null ? DEFAULT_STATE : configuredStateDir(config);
}

/** The configuration a command is about: as given, or the one where it is by default; null: there is none. */
export function configPathOf(flags: { readonly config?: string }): string | null {
  return flags.config ?? (existsSync(DEFAULT_CONFIG) ? DEFAULT_CONFIG : null);
}

/**
 * A folder of the state.
 * @throws CatnapError `INPUT_MISSING` when nothing has made it yet.
 */
export function keptIn(flags: Parameters<typeof stateDirOf>[0], name: string): string {
  const location = join(stateDirOf(flags), name);
  if (existsSync(location)) return location;
  throw new CatnapError(
    'INPUT_MISSING',
    `${location}: expected what \`catnap run\` keeps, found nothing; --state or --config say where else to look`,
  );
}

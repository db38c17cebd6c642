import { accessSync, constants, existsSync } from 'node:fs';
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
 * @throws CatnapError `INPUT_MISSING` when nothing has made it yet, or it may not be read.
 */
export function keptIn(flags: Parameters<typeof stateDirOf>[0], name: string): string {
  const location = join(stateDirOf(flags), name);
  try {
    accessSync(location, constants.R_OK);
    return location;
  } catch (cause) {
    // What may not be read is not missing: the state folder is its owner's alone.
    const { code, message } = cause as NodeJS.ErrnoException;
    const found = code === 'ENOENT' ? 'nothing; --state or --config say where else to look' : message;
    throw new CatnapError(
      'INPUT_MISSING',
      `${location}: expected what \`catnap run\` keeps, found ${found}`,
      {
        cause,
      },
    );
  }
}

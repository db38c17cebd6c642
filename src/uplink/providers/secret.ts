import { readFile } from 'node:fs/promises';
import { CatnapError } from '../../core/errors.js';
import type { SecretConfig } from './settings.js';

/** A secret that is read when it is needed and kept no longer. */
export interface Secret {
  /** The value now; null where none is configured. Throws `UPLINK_UNAUTHORISED` when it is missing. */
  read(): Promise<string | null>;
  /** True when the value differs from the one `read` gave last. Never throws. */
  hasChanged(): Promise<boolean>;
}

/** Makes a secret of its place: an environment variable or a file. */
export function createSecret(config: SecretConfig | null, env: NodeJS.ProcessEnv = process.env): Secret {
  let last: string | null = null;
  const value = () => (config === null ? Promise.resolve(null) : resolveSecret(config, env));
  return {
    async read() {
      last = await value();
      return last;
    },
    async hasChanged() {
      try {
        return (await value()) !== last;
      } catch {
        return false;
      }
    },
  };
}

async function resolveSecret(config: SecretConfig, env: NodeJS.ProcessEnv): Promise<string> {
  if ('env' in config) {
    const value = env[config.env]?.trim();
    if (value) return value;
    throw new CatnapError(
      'UPLINK_UNAUTHORISED',
      `environment variable ${config.env}: expected a secret, found none`,
    );
  }
  const text = await readFile(config.file, 'utf8').catch((cause: unknown) => {
    throw new CatnapError('UPLINK_UNAUTHORISED', `${config.file}: cannot be read`, { cause });
  });
  if (text.trim() === '') {
    throw new CatnapError('UPLINK_UNAUTHORISED', `${config.file}: expected a secret, found an empty file`);
  }
  return text.trim();
}

import { readSecret, type SecretPlace } from '../../files/secrets.js';

/** A secret that is read when it is needed and kept no longer. */
export interface Secret {
  /** The value now; null where none is configured. Throws `UPLINK_UNAUTHORISED` when it is missing. */
  read(): string | null;
  /** True when the value differs from the one `read` gave last. Never throws. */
  hasChanged(): Promise<boolean>;
}

/** Makes a secret of what the configuration says of it, as `${NAME}` or `${file:PATH}`. */
export function createSecret(written: string | null, place: SecretPlace): Secret {
  let last: string | null = null;
  const value = () => (written === null ? null : readSecret(written, place, 'UPLINK_UNAUTHORISED').trim());
  return {
    read() {
      last = value();
      return last;
    },
    async hasChanged() {
      try {
        return value() !== last;
      } catch {
        return false;
      }
    },
  };
}

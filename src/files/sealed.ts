import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';

/** What a sealed file begins with: what it is, and the version of what follows. */
const MAGIC = Buffer.from('CATNAP\0\x01');
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** Keys that are held at a time. */
const KEYS_MAX = 64;
const HEAD_BYTES = MAGIC.length + SALT_BYTES + NONCE_BYTES;

/**
 * Seals files with a secret: AES-256-GCM (NIST SP 800-38D) with a key that scrypt (RFC 7914) makes of it.
 *
 * ```
 *   CATNAP 0 1 | salt, 16 bytes | nonce, 12 bytes | what is sealed | tag, 16 bytes
 * ```
 *
 * A file is bound to its name, so that none can be put in another's place. The salt is one for all that is sealed in a
 * run, since making a key is meant to take long.
 */
export class Seal {
  readonly #salt = randomBytes(SALT_BYTES);
  /** Keys by their salt; a folder holds the files of many runs. */
  readonly #keys = new Map<string, Promise<Buffer>>();

  constructor(private readonly secret: string) {}

  async seal(name: string, bytes: Buffer): Promise<Buffer> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', await this.#key(this.#salt), nonce);
    cipher.setAAD(Buffer.from(name));
    const sealed = [cipher.update(bytes), cipher.final()];
    return Buffer.concat([MAGIC, this.#salt, nonce, ...sealed, cipher.getAuthTag()]);
  }

  /** What was sealed under that name; throws where it was sealed otherwise, or was changed since. */
  async open(name: string, file: Buffer): Promise<Buffer> {
    if (!isSealed(file)) throw new Error('expected a sealed file, found none');
    const salt = file.subarray(MAGIC.length, MAGIC.length + SALT_BYTES);
    const decipher = createDecipheriv(
      'aes-256-gcm',
      await this.#key(salt),
      file.subarray(HEAD_BYTES - NONCE_BYTES, HEAD_BYTES),
    );
    decipher.setAAD(Buffer.from(name));
    decipher.setAuthTag(file.subarray(-TAG_BYTES));
    return Buffer.concat([decipher.update(file.subarray(HEAD_BYTES, -TAG_BYTES)), decipher.final()]);
  }

  #key(salt: Buffer): Promise<Buffer> {
    const name = salt.toString('hex');
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    const made = new Promise<Buffer>((resolve, reject) =>
      scrypt(this.secret, salt, KEY_BYTES, (error, key) => (error === null ? resolve(key) : reject(error))),
    );
    if (this.#keys.size >= KEYS_MAX) this.#keys.clear();
    this.#keys.set(name, made);
    return made;
  }
}

/** Whether a file's bytes are what {@link Seal.seal} makes. */
export function isSealed(file: Buffer): boolean {
  return file.length >= HEAD_BYTES + TAG_BYTES && file.subarray(0, MAGIC.length).equals(MAGIC);
}

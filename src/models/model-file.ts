import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CatnapError } from '../core/errors.js';

/**
 * Reads a model file whole and checks that it is the one meant.
 * @throws CatnapError `MODEL_MISSING` when it cannot be read, `MODEL_CORRUPT` when its SHA-256 differs.
 */
export function readModelFile(model: string, path: string, sha256: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new CatnapError('MODEL_MISSING', `model ${model}: expected a readable file at ${path}`, { cause });
  }
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== sha256) {
    throw new CatnapError(
      'MODEL_CORRUPT',
      `model ${model}: ${path}: expected sha256 ${sha256}, found ${found} (${bytes.length} bytes)`,
    );
  }
  return bytes;
}

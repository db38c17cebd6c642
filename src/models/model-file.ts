import { createHash } from 'node:crypto';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { CatnapError } from '../core/errors.js';

/** A file of weights and what it has to be. */
export interface ModelFile {
  /** Name of the model, for messages. */
  readonly model: string;
  readonly path: string;
  readonly sha256: string;
}

const PIECE_BYTES = 1 << 16;

/**
 * Reads a model file whole and checks that it is the one meant.
 * @throws CatnapError `MODEL_MISSING` when it cannot be read, `MODEL_CORRUPT` when its SHA-256 differs.
 */
export function readModelFile(file: ModelFile): Buffer {
  const bytes = orMissing(file, () => readFileSync(file.path));
  requireDigest(file, createHash('sha256').update(bytes).digest('hex'), bytes.length);
  return bytes;
}

/**
 * Checks that a model file is the one meant, for a library that opens it by its path, without holding all of it.
 * @throws CatnapError as {@link readModelFile}.
 */
export function checkModelFile(file: ModelFile): void {
  const hash = createHash('sha256');
  const length = orMissing(file, () => {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    const descriptor = openSync(file.path, 'r');
    try {
      let total = 0;
      for (;;) {
        const read = readSync(descriptor, piece);
        if (read === 0) return total;
        hash.update(piece.subarray(0, read));
        total += read;
      }
    } finally {
      closeSync(descriptor);
    }
  });
  requireDigest(file, hash.digest('hex'), length);
}

function orMissing<Found>({ model, path }: ModelFile, read: () => Found): Found {
  try {
    return read();
  } catch (cause) {
    throw new CatnapError('MODEL_MISSING', `model ${model}: expected a readable file at ${path}`, { cause });
  }
}

function requireDigest({ model, path, sha256 }: ModelFile, found: string, length: number): void {
  if (found === sha256) return;
  throw new CatnapError(
    'MODEL_CORRUPT',
    `model ${model}: ${path}: expected sha256 ${sha256}, found ${found} (${length} bytes)`,
  );
}

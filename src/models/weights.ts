import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { CatnapError } from '../core/errors.js';
import type { Network } from './model.js';

/** A file of weights of somebody else's, which has no manifest that names its checksum. */
export interface Weights {
  readonly path: string;
  readonly sha256: string;
}

/**
 * Reads a file whole, and says what it is.
 * @throws CatnapError `MODEL_MISSING` for one that cannot be read.
 */
export function readWeights(path: string, name: string): Weights & { readonly bytes: Buffer } {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new CatnapError('MODEL_MISSING', `model ${name}: expected a readable file at ${path}`, { cause });
  }
  return { path, bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
}

/**
 * A file of weights as a network whose tensors are taken as they are.
 * @param keepsState its graph remembers what it was shown before.
 * @throws CatnapError as {@link readWeights}.
 */
export function networkOf(path: string, name: string, keepsState: boolean): Network {
  const { bytes, sha256 } = readWeights(path, name);
  const format = extname(path).toLowerCase() === '.tflite' ? 'tflite' : 'onnx';
  const file = { path, package: null, sha256, bytes: bytes.length };
  return {
    folder: '/',
    manifest: { name, files: { [format]: file }, inputs: null, outputs: null, state: [], keepsState },
  };
}

/** The file of weights that {@link networkOf} made a network of. */
export function weightsOf({ manifest: { files } }: Network): Weights {
  const file = files.onnx ?? files.tflite;
  if (file === undefined) throw new Error("a network of somebody else's is of one file");
  return file;
}

/** A phrase that English spelling says how to say; null for another. */
export function spellable(phrase: string): string | null {
  return /^[\p{Script=Latin}\s'’-]+$/u.test(phrase) ? phrase.trim() : null;
}

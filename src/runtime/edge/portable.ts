import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CatnapError } from '../../core/errors.js';

/** Models that ship with Catnap, each in a folder of its name. */
const SHIPPED = fileURLToPath(new URL('../../../models', import.meta.url));
/** Objects nested deeper are no spec. */
const DEPTH_MAX = 32;

/**
 * The description of a stage as another machine can take it: a folder of models is left to that machine, for a manifest
 * says the SHA-256 of each of its files, and a module is named by its file's.
 * @throws CatnapError `CONFIG_UNREADABLE` for a module that cannot be read.
 */
export function portable(description: unknown): unknown {
  return mapped(description, (part) => {
    const { kind, path } = part;
    if (isModel(part)) return { ...part, folder: '' };
    if (kind !== 'module' || typeof path !== 'string') return part;
    return { ...part, path: basename(path), sha256: digestOf(path), statePath: null };
  });
}

/**
 * The same with the files of this machine: models that ship with it, and what its owner put into `shelf`, where a
 * module has to be, byte for byte, the one that was asked for.
 * @throws CatnapError `MODEL_MISSING` for a model or module that is not here.
 */
export function placed(description: unknown, shelf: string | null): unknown {
  return mapped(description, (part) => {
    if (isModel(part)) return { ...part, folder: folderOf(part.manifest, shelf) };
    if (part.kind !== 'module') return part;
    const { sha256, ...spec } = part;
    return { ...spec, path: moduleOf(String(part.path), sha256, shelf) };
  });
}

interface ModelPart extends Record<string, unknown> {
  readonly manifest: { readonly name: string; readonly files: Readonly<Record<string, unknown>> };
}

function isModel(part: Record<string, unknown>): part is ModelPart {
  const { manifest, folder } = part;
  if (typeof folder !== 'string' || typeof manifest !== 'object' || manifest === null) return false;
  return (
    'name' in manifest && typeof manifest.name === 'string' && 'files' in manifest && isPlain(manifest.files)
  );
}

function folderOf({ name, files }: ModelPart['manifest'], shelf: string | null): string {
  // The file's own SHA-256 is looked at when it is loaded.
  const wanted = Object.values(files).flatMap((file) =>
    isPlain(file) && file.package === null && typeof file.path === 'string' ? [file.path] : [],
  );
  const isBare = wanted.every((path) => path === basename(path)) && name === basename(name);
  const folders = [join(SHIPPED, name), ...(shelf === null ? [] : [join(shelf, name), shelf])];
  const found = folders.find((folder) =>
    wanted.length === 0 ? existsSync(folder) : wanted.some((path) => existsSync(join(folder, path))),
  );
  if (isBare && found !== undefined) return found;
  const where = shelf === null ? 'nor a folder of models' : `nor in ${shelf}`;
  throw new CatnapError(
    'MODEL_MISSING',
    `model ${name}: expected among those that ship with Catnap ${where}`,
  );
}

function moduleOf(path: string, sha256: unknown, shelf: string | null): string {
  const found = shelf === null ? undefined : readdirSync(shelf).find((name) => name === path);
  if (shelf !== null && found !== undefined && digestOf(join(shelf, found)) === sha256)
    return join(shelf, found);
  throw new CatnapError(
    'MODEL_MISSING',
    `module ${path}: expected one of sha256 ${String(sha256)} in ${shelf ?? 'a folder of models'}, found none`,
  );
}

function digestOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch (cause) {
    throw new CatnapError(
      'CONFIG_UNREADABLE',
      `module ${basename(path)} in ${dirname(path)} cannot be read`,
      {
        cause,
      },
    );
  }
}

function mapped(
  value: unknown,
  change: (part: Record<string, unknown>) => Record<string, unknown>,
  depth = 0,
): unknown {
  if (depth > DEPTH_MAX)
    throw new CatnapError('USAGE', 'expected the description of a stage, found no end of it');
  if (Array.isArray(value)) return value.map((each) => mapped(each, change, depth + 1));
  if (!isPlain(value)) return value;
  const parts = Object.entries(change(value)).map(([key, each]) => [key, mapped(each, change, depth + 1)]);
  return Object.fromEntries(parts);
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

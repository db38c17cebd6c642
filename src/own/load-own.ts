import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { CatnapError } from '../core/errors.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';

/** What a module of one's own exports under the name of the sort of thing that it is; a function is its `create`. */
export interface Own<Made, Place> {
  /** Checks the options, before anything runs; without it they are handed on as they stand. */
  schema?(z: Zod): z.ZodType;
  /** Makes the thing where it is to live. */
  create(options: unknown, place: Place): Made | Promise<Made>;
}

/** Settings of a thing that a module of one's own makes. */
export const ownSettings = (z: Zod) => ({
  path: z.string().min(1).describe('JavaScript module (ESM, `.mjs`) of your own, relative to this file.'),
  options: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('Handed to the module, which says what it takes.'),
});

/**
 * Imports a module of one's own and checks the options that it is given.
 * @returns what makes the thing.
 * @throws CatnapError `CONFIG_INVALID` when it cannot be imported, exports nothing of that name, or refuses the
 *   options.
 */
export async function loadOwn<Made, Place>(
  path: string,
  name: string,
  options: unknown,
): Promise<(place: Place) => Made | Promise<Made>> {
  const own = await importOwn<Made, Place>(path, name);
  const checked = await checkOptions(own, path, options);
  return (place) => own.create(checked, place);
}

/**
 * Imports a module of one's own.
 * @throws CatnapError `CONFIG_INVALID` when it cannot be imported or exports nothing of that name.
 */
export async function importOwn<Made, Place>(path: string, name: string): Promise<Own<Made, Place>> {
  const invalid = (what: string, cause?: unknown) =>
    new CatnapError('CONFIG_INVALID', `module ${path}: ${what}`, { cause });
  if (!existsSync(path)) throw invalid('expected a JavaScript module there, found none');
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (cause) {
    throw invalid(`cannot be imported: ${reasonOf(cause, path)}`, cause);
  }
  const found = exported[name];
  if (typeof found === 'function') return { create: found as Own<Made, Place>['create'] };
  if (typeof found === 'object' && found !== null && 'create' in found && typeof found.create === 'function')
    return found as Own<Made, Place>;
  const names = Object.keys(exported).join(', ') || 'nothing';
  throw invalid(`expected an export "${name}" that is a function or has "create", found ${names} exported`);
}

/** What Node says of an ES module that it takes for CommonJS, for want of a package.json that says otherwise. */
const TAKEN_FOR_COMMONJS = /^(?:Unexpected token 'export'|Cannot use import statement outside a module)$/;

function reasonOf(cause: unknown, path: string): string {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (path.endsWith('.mjs') || !TAKEN_FOR_COMMONJS.test(reason)) return reason;
  return `${reason}; Node takes it for CommonJS: name it .mjs, or write "type": "module" in the package.json nearest to it`;
}

/**
 * The options as a module of one's own takes them.
 * @throws CatnapError `CONFIG_INVALID` when it refuses them.
 */
export async function checkOptions(
  { schema }: Own<unknown, never>,
  path: string,
  options: unknown,
): Promise<unknown> {
  if (schema === undefined) return options;
  const z = await import('../core/zod.js');
  const result = schema(z).safeParse(options);
  if (result.success) return result.data;
  throw new CatnapError('CONFIG_INVALID', `module ${path}: options: ${z.prettifyError(result.error)}`);
}

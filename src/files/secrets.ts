import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CatnapError, type ErrorCode } from '../core/errors.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { whyUnreadable } from './why-unreadable.js';

/** A place that a text takes a value from: `${NAME}` is an environment variable, `${file:PATH}` a file's content. */
const REFERENCE = /\$\{(file:)?([^}]+)\}/g;
const WHOLE_REFERENCE = /^\$\{(file:[^}]+|[A-Za-z_]\w*)\}$/;
/** What an environment variable may be called (POSIX); anything else may be the secret itself. */
const VARIABLE = /^[A-Za-z_]\w*$/;

/** What references are looked up in. */
export interface SecretPlace {
  /** What paths of files are relative to. */
  readonly folder: string;
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * Schema of a text that may hold a secret: its references stay as they are written and are looked up by
 * {@link readSecret} whenever it is used, so that a file that was replaced is read again.
 */
export const secretText = (z: Zod) => z.string().meta({ writeOnly: true });

/** The same where the secret itself must not stand in the configuration. */
export function secretReference(z: Zod): z.ZodType<string, unknown> {
  const text = z.string(SECRET_EXPECTED).regex(WHOLE_REFERENCE, SECRET_EXPECTED);
  return z.preprocess(spelledOut, text.meta({ writeOnly: true }));
}

const SECRET_EXPECTED = 'expected where the secret stands: ${NAME} or ${file:PATH}';

/** `{ env: NAME }` and `{ file: PATH }`, as earlier versions wrote it. */
function spelledOut(written: unknown): unknown {
  if (typeof written !== 'object' || written === null) return written;
  const [[key, value] = [], ...more] = Object.entries(written);
  if (typeof value !== 'string' || more.length > 0) return written;
  if (key === 'env') return `\${${value}}`;
  return key === 'file' ? `\${file:${value}}` : written;
}

/** Whether a text holds a reference. */
export function refersElsewhere(text: string): boolean {
  return text.search(REFERENCE) !== -1;
}

/** Whether a text is a reference and nothing else, and so no secret. */
export function isReference(text: string): boolean {
  return WHOLE_REFERENCE.test(text);
}

/**
 * Puts values in the place of references; of a file without the white space around its content.
 * @param onMissing told, in a sentence that shows no value, of each that is not there; then nothing stands in its place
 */
export function fillReferences(
  text: string,
  { folder, env = process.env }: SecretPlace,
  onMissing: (message: string) => void,
): string {
  return text.replace(REFERENCE, (_, isFile: string | undefined, name: string) => {
    const found = isFile === undefined ? variable(name, env) : content(resolve(folder, name));
    if ('value' in found) return found.value;
    onMissing(found.missing);
    return '';
  });
}

/**
 * The value of a {@link secretText} now.
 * @throws CatnapError `code` where one of its references leads nowhere, or there is nothing there.
 */
export function readSecret(text: string, place: SecretPlace, code: ErrorCode): string {
  const value = fillReferences(text, place, (message) => {
    throw new CatnapError(code, message);
  });
  if (refersElsewhere(text) && value.trim() === '')
    throw new CatnapError(code, `expected a secret at ${text}, found nothing there`);
  return value;
}

type Found = { readonly value: string } | { readonly missing: string };

function variable(name: string, env: NodeJS.ProcessEnv): Found {
  if (!VARIABLE.test(name)) {
    return {
      missing: 'expected the name of an environment variable between ${ and }, found other characters',
    };
  }
  const value = env[name];
  if (value !== undefined) return { value };
  return { missing: `expected the environment variable ${name}, found it unset` };
}

function content(path: string): Found {
  try {
    return { value: readFileSync(path, 'utf8').trim() };
  } catch (error) {
    return { missing: `expected a readable file at ${path}, ${whyUnreadable(error)}` };
  }
}

import { CatnapError, type ErrorCode } from './errors.js';

/** What a text says; undefined, which JSON cannot say, where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What stands in JSON below these keys, one in the other; undefined for nothing. */
export function valueAt(json: unknown, keys: readonly string[]): unknown {
  return keys.reduce<unknown>(
    (inside, key) => (typeof inside === 'object' && inside !== null ? Reflect.get(inside, key) : undefined),
    json,
  );
}

/**
 * What a text says that has to be JSON.
 *
 * @param what the file or thing it stands in, for the message
 * @param advice what to do about it, where there is more to say than the code does
 * @throws CatnapError of `code`, with what was expected and found, where it is no JSON.
 */
export function readJson(text: string, what: string, code: ErrorCode, advice?: string): unknown {
  const value = parseJson(text);
  if (value !== undefined) return value;
  const found = text.trim() === '' ? 'nothing' : `${text.length} characters that are not`;
  throw new CatnapError(
    code,
    `${what}: expected JSON, found ${found}${advice === undefined ? '' : `; ${advice}`}`,
  );
}

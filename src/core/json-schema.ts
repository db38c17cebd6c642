import { CatnapError } from './errors.js';
import * as z from './zod.js';

/** What says of which kind a value is. Without one of these Zod asks nothing of it, whatever else stands there. */
const KINDS = ['type', 'enum', 'const', '$ref', 'anyOf', 'oneOf', 'allOf', 'not'];
/** Keywords of JSON Schema 2020-12 that ask nothing of a value. */
const NOTES =
  /^(\$schema|\$id|\$anchor|\$comment|\$defs|definitions|title|description|default|examples|deprecated|readOnly|writeOnly)$/;
/** Keywords with one schema in them. */
const ONE = ['items', 'additionalProperties', 'contains', 'propertyNames'];
/** Keywords with several schemas in them, in a list or by name. */
const SEVERAL = [
  'anyOf',
  'oneOf',
  'allOf',
  'prefixItems',
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
];

/**
 * The check that a JSON Schema asks for.
 *
 * @param setting where the schema stands, for messages
 * @throws CatnapError `CONFIG_INVALID` where it cannot be checked, or a part of it would ask nothing for want of a
 *   `type`.
 */
export function readJsonSchema(schema: Readonly<Record<string, unknown>>, setting: string): z.ZodType {
  requireKinds(schema, setting);
  try {
    return z.fromJSONSchema(schema);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `${setting}: expected a JSON Schema that can be checked, found one that cannot: ${why}`;
    throw new CatnapError('CONFIG_INVALID', message, { cause });
  }
}

function requireKinds(schema: unknown, at: string): void {
  if (!isObject(schema) || Array.isArray(schema)) return;
  const asking = Object.keys(schema).filter((keyword) => !NOTES.test(keyword));
  if (asking.length > 0 && !asking.some((keyword) => KINDS.includes(keyword))) {
    const found = `found ${asking.join(', ')} without one, which would ask nothing`;
    throw new CatnapError('CONFIG_INVALID', `${at}: expected a JSON Schema with a type, ${found}`);
  }
  for (const keyword of ONE) requireKinds(schema[keyword], `${at}.${keyword}`);
  for (const keyword of SEVERAL) {
    const several = schema[keyword];
    if (!isObject(several)) continue;
    for (const [name, inner] of Object.entries(several)) requireKinds(inner, `${at}.${keyword}.${name}`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

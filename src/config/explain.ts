import type * as z from '../core/zod.js';
import { isReference } from '../files/secrets.js';

type Path = readonly PropertyKey[];

/** Settings that hold secrets, wherever they stand, and what is written below them. */
const SECRET = /secret|token$|passw|passphrase|credential|headers|api_?key/i;
/** A user, with or without a password, in an address. */
const CREDENTIALS = /:\/\/[^/?#]*@/;
/** What zod says of a union whose schema says nothing. */
const UNWORDED = 'Invalid input';

function mayHoldSecret(path: Path, value: unknown): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false;
  const text = String(value);
  if (isReference(text)) return false;
  return CREDENTIALS.test(text) || path.some((key) => SECRET.test(String(key)));
}

function isOtherType({ code, path }: z.core.$ZodIssue): boolean {
  return path.length === 0 && code === 'invalid_type';
}

/** What is wrong in the one branch of a union that fits what was written, where there is one. */
export function narrowed(issue: z.core.$ZodIssue): readonly z.core.$ZodIssue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const branch = issue.errors.find((issues) => !issues.some(isOtherType));
  return (
    branch?.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })).flatMap(narrowed) ?? [issue]
  );
}

/**
 * Words one of zod's issues; `written` is the YAML before substitution. What may be a secret is not shown: errors
 * stand in logs.
 */
export function explain(issue: z.core.$ZodIssue, written: unknown): string {
  const here = at(written, issue.path);
  const found = mayHoldSecret(issue.path, here) ? 'a value that is not shown' : show(here);
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${issue.expected}, found ${found}`;
    case 'invalid_value':
      return `expected ${issue.values.map(show).join(' or ')}, found ${found}`;
    case 'invalid_union':
      return `${branchesOf(issue)}, found ${found}`;
    case 'too_small':
      return `expected at least ${issue.minimum}, found ${found}`;
    case 'too_big':
      return `expected at most ${issue.maximum}, found ${found}`;
    case 'invalid_format':
      return `${issue.format === 'url' ? addressExpected(issue.pattern) : issue.message}, found ${found}`;
    case 'custom':
      return issue.message;
    default:
      return `${issue.message}, found ${found}`;
  }
}

/** What an address should be; `pattern`, of its scheme, is there where the scheme alone is wrong. */
function addressExpected(pattern: string | undefined): string {
  const schemes = pattern?.replace(/^\^\(?|\)?\$$/g, '').split('|') ?? [];
  const each = schemes.flatMap((scheme) =>
    scheme.endsWith('?') ? [scheme.slice(0, -2), scheme.slice(0, -1)] : [scheme],
  );
  if (each.length === 0) return 'expected an address with its scheme, as in https://host or mqtt://host:1883';
  return `expected an address that begins with ${each.map((scheme) => `${scheme}://`).join(' or ')}`;
}

/** What a union takes: as its schema says it, its kinds by name, or the types of its branches. */
function branchesOf(issue: z.core.$ZodIssueInvalidUnion): string {
  if ('options' in issue && Array.isArray(issue.options))
    return `expected one of ${issue.options.join(', ')}`;
  if (issue.message !== UNWORDED) return issue.message;
  const types = issue.errors.flat().flatMap((each) => (each.code === 'invalid_type' ? [each.expected] : []));
  return `expected ${types.join(' or ') || 'something else'}`;
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (here, key) => (here as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
}

/** A value as an error shows it: short. */
function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value !== null && typeof value === 'object') return 'a mapping';
  const text = String(JSON.stringify(value));
  return text.length > 40 ? `${text.slice(0, 37)}..."` : text;
}

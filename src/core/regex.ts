import type { Zod } from './kind.js';

/** A setting that holds a regular expression, to be used with these flags. */
export function regexSetting(z: Zod, flags: string) {
  return z
    .string()
    .refine((text) => isRegex(text, flags), 'expected a regular expression, found one that is not');
}

function isRegex(text: string, flags: string): boolean {
  try {
    new RegExp(text, flags);
    return true;
  } catch {
    return false;
  }
}

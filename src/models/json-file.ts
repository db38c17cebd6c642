import { readFileSync } from 'node:fs';
import { parseJson } from '../core/json.js';

/** What a file says; undefined for one that is no JSON or cannot be read. */
export function jsonAt(path: string): unknown {
  try {
    return parseJson(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

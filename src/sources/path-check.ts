import { existsSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Finding, ok, problem } from '../core/finding.js';

const BY_ID = '/dev/serial/by-id';

/** Whether there is something at the path of a source. */
export function checkPath(folder: string, file: string): Finding {
  const path = resolve(folder, file);
  if (existsSync(path)) return ok(path);
  const there = path.startsWith('/dev/') && existsSync(BY_ID) ? readdirSync(BY_ID) : [];
  return problem(
    `expected ${path}, found nothing`,
    there.length > 0 ? `there is: ${there.join(', ')}` : 'check the path, or plug the board in',
  );
}

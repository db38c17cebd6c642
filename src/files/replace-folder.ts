import { existsSync, renameSync, rmSync } from 'node:fs';

/**
 * Puts a folder in the place of another, or where there is none; the old one goes when the new one stands there. Throws
 * what the file system throws; then the old one stands.
 */
export function replaceFolder(path: string, fresh: string): void {
  const old = `${fresh}-old`;
  const isThere = existsSync(path);
  if (isThere) renameSync(path, old);
  try {
    renameSync(fresh, path);
  } catch (error) {
    if (isThere) renameSync(old, path);
    throw error;
  }
  rmSync(old, { recursive: true, force: true });
}

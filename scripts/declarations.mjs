/**
 * Leaves out of `dist` the declarations that no entry of the package leads to: nobody can import them, and each takes a
 * block of the disk.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { exports } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const dist = new URL('../dist/', import.meta.url);

const needed = new Set();
for (const { types } of Object.values(exports))
  if (types !== undefined) follow(new URL(`../${types}`, import.meta.url));
for (const path of readdirSync(dist, { recursive: true })) {
  const file = new URL(path, dist);
  if (path.endsWith('.d.ts') && !needed.has(file.href)) rmSync(fileURLToPath(file));
}

/** Adds a declaration and all that it names. */
function follow(file) {
  if (needed.has(file.href)) return;
  needed.add(file.href);
  const text = readFileSync(file, 'utf8');
  for (const [, path] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.js['"]/g))
    follow(new URL(`${path}.d.ts`, file));
}

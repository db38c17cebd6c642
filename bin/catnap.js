#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=131072 node --max-semi-space-size=1 --optimize-for-size --single-threaded --max-lazy --compact-on-every-full-gc --no-sparkplug --expose-gc
// The command `catnap`. It is committed, so that `npx catnap` finds it in a fresh checkout too, where it builds first.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const EX_UNAVAILABLE = 69;

/** Ends the process where it cannot be done. */
function build() {
  process.stderr.write('catnap: not built yet; building, which takes some seconds\n');
  // Standard output belongs to the command.
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  process.stderr.write(`catnap: could not be built; run \`npm ci\` in ${root} first\n`);
  process.exit(EX_UNAVAILABLE);
}

// What the build makes last.
if (!existsSync(`${root}dist/third-party`)) build();
await import('../dist/cli.js');

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Shims } from './shims.js';

/**
 * A fake `arecord` that hands over recordings at their own pace, as a microphone does, and obeys what a test
 * writes into its `order` file: `exit`, `hang`, `overrun`, `run`.
 */
export function writeMicrophoneShim(shims: Shims, pcm: Int16Array): void {
  writeFileSync(join(shims.folder, 'pcm.raw'), Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength));
  order(shims, 'run');
  shims.write('arecord', SCRIPT);
}

/** Tells the fake microphone what to do from now on. */
export function order(shims: Shims, what: 'run' | 'exit' | 'hang' | 'overrun'): void {
  writeFileSync(join(shims.folder, 'order'), what);
}

const SCRIPT = `#!/usr/bin/env node
const { readFileSync, writeFileSync } = require('node:fs');
const pcm = readFileSync(__dirname + '/pcm.raw');
const startMs = performance.now();
const CHUNK = 1280;
let at = 0;
setInterval(() => {
  const order = readFileSync(__dirname + '/order', 'utf8');
  if (order === 'exit') process.exit(1);
  if (order === 'hang') return;
  if (order === 'overrun') {
    process.stderr.write('overrun!!! (at least 500.000 ms long)\\n');
    writeFileSync(__dirname + '/order', 'run');
  }
  const due = Math.floor((performance.now() - startMs) / 40) * CHUNK;
  for (; at < due; at += CHUNK) {
    const from = at % pcm.length;
    process.stdout.write(pcm.subarray(from, from + CHUNK));
  }
}, 10);
`;

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { agrees } from '../support/golden.js';
import { requireTool, root } from '../support/tools.js';

/** Emulation is tens of times slower than a processor. */
const TIMEOUT_MS = 300_000;

describe.runIf(requireTool('emulated arm64', 'qemu-aarch64-static', 'apt-get', 'dpkg-deb'))(
  'emulated arm64',
  () => {
    it.each(['settled', 'near-misses'])(
      'hears in %s.wav the events that x64 hears',
      (name) => {
        const log = execFileSync(
          join(root, 'test/arm64/catnap-emulated.sh'),
          ['replay', '--canonical', join(root, `fixtures/voice/${name}.wav`)],
          { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], timeout: TIMEOUT_MS },
        );
        const golden = readFileSync(join(root, `test/cascade/golden/${name}.jsonl`), 'utf8');
        expect(agrees(log, golden), log).toBe(true);
      },
      TIMEOUT_MS,
    );
  },
);

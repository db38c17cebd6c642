import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { requireTool, root } from '../support/tools.js';

/** Another processor's last bits may show in scores by this much, never in what happens. */
const SCORE_TOLERANCE = 0.02;
/** Emulation is tens of times slower than a processor. */
const TIMEOUT_MS = 300_000;

/** Keys whose values are models' outputs. */
const SCORES = new Set(['score', 'confidence', 'tiny', 'heavy', 'recognition']);

/** Splits a log into what must be the same and the scores, which may differ a little. */
function partition(log: string): { events: unknown[]; scores: number[] } {
  const scores: number[] = [];
  const takeScore = (key: string, value: unknown) => {
    if (typeof value !== 'number' || !SCORES.has(key)) return value;
    scores.push(value);
    return 'score';
  };
  const events = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line, takeScore) as unknown);
  return { events, scores };
}

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
        const emulated = partition(log);
        const golden = partition(readFileSync(join(root, `test/cascade/golden/${name}.jsonl`), 'utf8'));
        expect(emulated.events).toEqual(golden.events);
        expect(emulated.scores).toHaveLength(golden.scores.length);
        emulated.scores.forEach((score, index) => {
          expect(Math.abs(score - (golden.scores[index] ?? Number.NaN))).toBeLessThanOrEqual(SCORE_TOLERANCE);
        });
      },
      TIMEOUT_MS,
    );
  },
);

import { defineConfig } from 'vitest/config';

/** @param maxWorkers one where a test builds the package anew, under the others' feet */
const suite = (name: string, testTimeoutMs: number, maxWorkers: 1 | '100%') => ({
  test: {
    name,
    maxWorkers,
    include: [`test/${name}/**/*.test.ts`],
    // As Node does it, so that what runs in tests is what runs.
    deps: { interopDefault: false },
    globalSetup: 'test/support/run-folder.ts',
    testTimeout: testTimeoutMs,
    hookTimeout: 120_000,
  },
});

export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      suite('unit', 60_000, '100%'),
      suite('cascade', 120_000, '100%'),
      suite('interop', 120_000, 1),
      suite('faults', 300_000, '100%'),
      suite('e2e', 300_000, 1),
    ],
  },
});

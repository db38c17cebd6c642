import { defineConfig } from 'vitest/config';

const suite = (name: string, testTimeoutMs: number) => ({
  test: {
    name,
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
      suite('unit', 60_000),
      suite('cascade', 120_000),
      suite('interop', 120_000),
      suite('faults', 300_000),
      suite('e2e', 300_000),
    ],
  },
});

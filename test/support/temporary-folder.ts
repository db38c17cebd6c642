import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, TestRunner } from 'vitest';

/**
 * A new, empty folder. It goes when the test is over that asked for it; one that a whole file shares goes with the
 * folder of the run.
 */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'catnap-'));
  if (TestRunner.getCurrentTest())
    onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

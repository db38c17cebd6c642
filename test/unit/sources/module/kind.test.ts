import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createWayOut } from '../../../../src/egress/way-out.js';
import { systemTime } from '../../../../src/runtime/process/system-clock.js';
import { module } from '../../../../src/sources/module/kind.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

let files = 0;

/** Opens a source from a module of this text. */
function open(text: string) {
  const folder = temporaryFolder();
  const path = `own-${files++}.mjs`;
  writeFileSync(join(folder, path), text);
  const config = { id: 'own', kind: 'module', cascade: 'sensor', path, options: {} } as const;
  return module.open(config, { folder, wayOut: createWayOut(true), ...systemTime, onHealth: () => () => {} });
}

describe('a source from a module of one’s own', () => {
  it('is a device, which is opened again, unless it says otherwise', async () => {
    const plain = await open('export const source = (_, { id }) => ({ id, async *frames() {} })');
    expect(plain).toMatchObject({ isDevice: true, command: null, title: expect.stringMatching(/^own-/) });
    const told = await open(`export const source = (_, { id }) => ({
      source: { id, async *frames() {} }, isDevice: false, title: 'a tape', command: async () => {},
    })`);
    expect(told).toMatchObject({ isDevice: false, title: 'a tape', command: expect.any(Function) });
  });

  it.each([
    ['that is none', 'export const source = 5', 'CONFIG_INVALID', /expected an export "source"/],
    ['that makes nothing', 'export const source = () => {}', 'CONFIG_INVALID', /have "frames", found none/],
    [
      'of another id',
      'export const source = () => ({ id: "other", async *frames() {} })',
      'CONFIG_INVALID',
      /have the id "own", found "other"/,
    ],
    ['that does not parse', 'export const = 5', 'CONFIG_INVALID', /cannot be imported/],
    [
      'that cannot be made',
      'export const source = () => { throw new Error("no such port") }',
      'SOURCE_UNAVAILABLE',
      /source own: own-\d+\.mjs cannot make it: no such port/,
    ],
  ])('%s says what was expected and found', async (_, text, code, message) => {
    await expect(open(text)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });
});

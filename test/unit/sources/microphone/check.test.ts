import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemTime } from '../../../../src/runtime/process/system-clock.js';
import { checkMicrophone } from '../../../../src/sources/microphone/check.js';
import { Microphone } from '../../../../src/sources/microphone/microphone.js';
import { createShims, isAlive, type Shims } from '../../../support/shims.js';

const SETTINGS = { recorder: 'arecord', device: 'hw:1,0', rateHz: 48_000, channels: 2 } as const;
const SECOND_BYTES = SETTINGS.rateHz * SETTINGS.channels * 2;

let shims: Shims;
beforeEach(() => {
  shims = createShims();
});
afterEach(() => shims.restore());

const check = ({ silentMs = 10_000 } = {}) =>
  checkMicrophone(new Microphone({ id: 'kitchen', ...systemTime, ...SETTINGS, silentMs }), SETTINGS);

describe('the check of a microphone', () => {
  it('says what it hears, and leaves no recorder behind', async () => {
    shims.write(
      'arecord',
      `echo $$ > "$(dirname "$0")/pid"; head -c ${2 * SECOND_BYTES} /dev/zero; exec sleep 20`,
    );
    expect(await check()).toEqual({
      level: 'ok',
      detail: 'hears "hw:1,0" at 48000 Hz, 2 channels',
      remedy: null,
    });
    expect(isAlive(Number(readFileSync(join(shims.folder, 'pid'), 'utf8')))).toBe(false);
  });

  it('passes on why the device cannot be opened', async () => {
    shims.write('arecord', 'echo "arecord: set_params:1361: Channels count non available" >&2; exit 1');
    await expect(check()).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringMatching(/"hw:1,0".*Channels count non available/),
    });
  });

  it('believes no recorder that ends before a second is heard', async () => {
    shims.write('arecord', `head -c ${SECOND_BYTES / 2} /dev/zero`);
    await expect(check()).rejects.toMatchObject({ code: 'SOURCE_LOST' });
  });

  it('does not wait for a device that gives nothing', async () => {
    shims.write('arecord', 'exec sleep 20');
    await expect(check({ silentMs: 100 })).rejects.toMatchObject({ code: 'SOURCE_SILENT' });
  });

  it.each([
    ['arecord', 'alsa-utils'],
    ['sox', 'sox'],
  ] as const)('names the package that brings %s', async (recorder, name) => {
    process.env.PATH = shims.folder;
    const microphone = new Microphone({ id: 'kitchen', ...systemTime, ...SETTINGS, recorder });
    await expect(checkMicrophone(microphone, SETTINGS)).rejects.toMatchObject({
      code: 'TOOL_MISSING',
      message: expect.stringContaining(`${recorder} on PATH (package ${name})`),
    });
  });
});

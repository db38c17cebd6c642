import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from '../../../../src/core/zod.js';
import { createWayOut } from '../../../../src/egress/way-out.js';
import { systemTime } from '../../../../src/runtime/process/system-clock.js';
import { checkMicrophone } from '../../../../src/sources/microphone/check.js';
import { microphone } from '../../../../src/sources/microphone/kind.js';
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

/** A voice, and what else a sample of it may become, of 16 bits. */
const VOICE = '3000 * Math.sin(n / 40)';

/** A recorder whose samples come at a rate of its own, whatever it is asked for; `sound` is of `n` and `channel`. */
const paced = (comingHz: number, sound = VOICE) => `#!/usr/bin/env node
require('node:fs').writeFileSync(__dirname + '/pid', String(process.pid));
const startMs = performance.now();
let sent = 0;
const sample = (n, channel) => Math.round(${sound});
setInterval(() => {
  const due = Math.floor(((performance.now() - startMs) / 1000) * ${comingHz});
  const samples = new Int16Array((due - sent) * ${SETTINGS.channels});
  for (let i = 0; i < samples.length; i++)
    samples[i] = sample(sent + Math.floor(i / ${SETTINGS.channels}), i % ${SETTINGS.channels});
  process.stdout.write(Buffer.from(samples.buffer));
  sent = due;
}, 40);
`;

const HEARS = { level: 'ok', detail: 'hears "hw:1,0" at 48000 Hz, 2 channels', remedy: null };

describe('the check of a microphone', () => {
  it('says what it hears, and leaves no recorder behind', async () => {
    shims.write('arecord', paced(SETTINGS.rateHz));
    expect(await check()).toEqual([HEARS]);
    expect(isAlive(Number(readFileSync(join(shims.folder, 'pid'), 'utf8')))).toBe(false);
  });

  it.each([44_100, 96_000])(
    'finds out samples that come at %d a second',
    async (comingHz) => {
      shims.write('arecord', paced(comingHz));
      await expect(check()).rejects.toMatchObject({
        code: 'SOURCE_RATE',
        message: expect.stringMatching(
          /^microphone kitchen: expected 48000 samples a second, found \d{5}; plughw:1,0 converts$/,
        ),
      });
      expect(isAlive(Number(readFileSync(join(shims.folder, 'pid'), 'utf8')))).toBe(false);
    },
    20_000,
  );

  it.each([
    ['0', 'all-zero audio', /^unmute it .*\(`alsamixer -c 1`, F4\)$/],
    [`4000 + ${VOICE}`, 'a constant offset', /^try another port/],
    ['1.4 * Math.sin(n / 40)', 'nothing louder than -91 dB', /^raise its .*\(`alsamixer -c 1`, F4\)$/],
  ])(
    'says what is wrong with samples of %s, and what to do',
    async (sound, found, remedy) => {
      shims.write('arecord', paced(SETTINGS.rateHz, sound));
      const [, ...heard] = await check();
      expect(heard).toEqual([
        { level: 'warning', detail: `it hears ${found}`, remedy: expect.stringMatching(remedy) },
      ]);
    },
    20_000,
  );

  it('says where channels cancel, and which to choose', async () => {
    shims.write('arecord', paced(SETTINGS.rateHz, `(channel === 0 ? 1 : -1) * ${VOICE}`));
    const found = microphone.check(
      microphone.schema(z).parse({ id: 'kitchen', kind: 'microphone', ...SETTINGS }),
      { ...systemTime, folder: '.', wayOut: createWayOut(false) },
    );
    expect(await found).toEqual([
      HEARS,
      {
        level: 'warning',
        detail: 'channels 0, 1 are in opposite phase and cancel',
        remedy: 'choose one: `channel: 0`',
      },
    ]);
  }, 20_000);

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

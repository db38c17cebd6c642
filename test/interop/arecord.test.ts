import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemTime } from '../../src/runtime/process/system-clock.js';
import { Microphone } from '../../src/sources/microphone/microphone.js';
import { goldenPcm } from '../support/recordings.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { requireTool } from '../support/tools.js';

let before: string | undefined;
beforeEach(() => {
  before = process.env.ALSA_CONFIG_PATH;
});
afterEach(() => {
  if (before === undefined) delete process.env.ALSA_CONFIG_PATH;
  else process.env.ALSA_CONFIG_PATH = before;
});

/** An ALSA device that hands over these samples, then junk, as fast as it is read (ALSA's file plugin). */
function fakeDevice(pcm: Int16Array): string {
  const folder = temporaryFolder();
  const raw = join(folder, 'in.raw');
  writeFileSync(raw, Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength));
  const conf = join(folder, 'asound.conf');
  writeFileSync(
    conf,
    `pcm.fakemic { type file slave.pcm "null" file "/dev/null" infile "${raw}" format "raw" }\n` +
      'pcm.null { type null }\n',
  );
  process.env.ALSA_CONFIG_PATH = conf;
  return 'fakemic';
}

describe.runIf(requireTool('the real arecord and sox', 'arecord', 'sox'))('the real recorder', () => {
  it.each(['arecord', 'sox'] as const)(
    '%s hands over every sample of an ALSA device, bit by bit',
    async (recorder) => {
      const pcm = goldenPcm('settled').subarray(0, 48_000);
      const microphone = new Microphone({ id: 'mic', ...systemTime, recorder, device: fakeDevice(pcm) });
      const stop = new AbortController();
      const heard: number[] = [];
      for await (const item of microphone.frames(stop.signal)) {
        if (item.kind !== 'frame') continue;
        for (const value of item.data) heard.push(value * 32_768);
        if (heard.length >= pcm.length) stop.abort();
      }
      const different = pcm.findIndex((value, i) => heard[i] !== value);
      expect(different).toBe(-1);
    },
  );

  it.each([
    ['arecord', 'audio open error'],
    ['sox', 'no default audio device'],
  ] as const)('%s says why there is no such device', async (recorder, said) => {
    const microphone = new Microphone({ id: 'mic', ...systemTime, recorder, device: 'absent' });
    const listen = async () => {
      for await (const item of microphone.frames(new AbortController().signal))
        expect(item.kind).toBe('format');
    };
    await expect(listen()).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      message: expect.stringContaining(said),
    });
  });
});

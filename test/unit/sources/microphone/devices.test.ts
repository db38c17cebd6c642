import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listCaptureDevices, listSerialDevices } from '../../../../src/sources/microphone/devices.js';
import { createShims, type Shims } from '../../../support/shims.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

let shims: Shims;
beforeEach(() => {
  shims = createShims();
});
afterEach(() => shims.restore());

describe('devices', () => {
  it('names microphones so that they survive a renumbering of cards', async () => {
    shims.write(
      'arecord',
      `echo '**** List of CAPTURE Hardware Devices ****'
      echo 'card 1: Device [USB PnP Sound Device], device 0: USB Audio [USB Audio]'
      echo '  Subdevices: 1/1'
      echo '  Subdevice #0: subdevice #0'
      echo 'card 2: seeed2micvoicec [seeed-2mic-voicecard], device 3: bcm2835-i2s-wm8960-hifi wm8960-hifi-0 []'`,
    );
    expect(await listCaptureDevices()).toEqual([
      { device: 'plughw:CARD=Device,DEV=0', card: 'USB PnP Sound Device', name: 'USB Audio' },
      {
        device: 'plughw:CARD=seeed2micvoicec,DEV=3',
        card: 'seeed-2mic-voicecard',
        name: 'seeed-2mic-voicecard',
      },
    ]);
  });

  it('finds none where there is no sound card', async () => {
    shims.write('arecord', 'echo "arecord: device_list:274: no soundcards found..." >&2; exit 1');
    expect(await listCaptureDevices()).toEqual([]);
  });

  it('says that arecord is missing', async () => {
    process.env.PATH = shims.folder;
    await expect(listCaptureDevices()).rejects.toMatchObject({ code: 'TOOL_MISSING' });
  });

  it('lists serial boards by the name that survives unplugging', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'ttyACM0'), '');
    symlinkSync('./ttyACM0', join(folder, 'usb-Raspberry_Pi_Pico_E66-if00'));
    expect(await listSerialDevices(folder)).toContainEqual({
      path: `${folder}/usb-Raspberry_Pi_Pico_E66-if00`,
      tty: `${folder}/ttyACM0`,
    });
    expect(await listSerialDevices(`${folder}/absent`)).toEqual([]);
  });
});

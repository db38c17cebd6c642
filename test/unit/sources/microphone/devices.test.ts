import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listCaptureDevices } from '../../../../src/sources/microphone/devices.js';
import { createShims, type Shims } from '../../../support/shims.js';

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
});

import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listSerialDevices } from '../../../../src/sources/serial/devices.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

describe('serial devices', () => {
  it('are listed by the name that survives unplugging', async () => {
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

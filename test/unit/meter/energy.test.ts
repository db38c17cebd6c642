import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { BOARD_PROFILES, boardProfile, detectBoard } from '../../../src/meter/board-profiles.js';
import { meterConfigSchema } from '../../../src/meter/config.js';
import { findPowerReader, sumPmicRails } from '../../../src/meter/energy.js';
import { readThreadCpuMs } from '../../../src/meter/thread-cpu.js';
import { systemClock } from '../../../src/runtime/process/system-clock.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

let rootDir: string;
beforeEach(async () => {
  rootDir = temporaryFolder();
});

/** Writes files of a made-up sysfs or procfs. */
async function files(tree: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(tree)) {
    await mkdir(dirname(join(rootDir, path)), { recursive: true });
    await writeFile(join(rootDir, path), text);
  }
}

const noPmic = () => Promise.reject(new Error('vcgencmd: not found'));

describe('power sensors', () => {
  it('reads an INA226 behind other hwmon devices', async () => {
    await files({
      'class/hwmon/hwmon0/name': 'cpu_thermal\n',
      'class/hwmon/hwmon1/name': 'ina226\n',
      'class/hwmon/hwmon1/power1_input': '2375000\n',
    });
    const reader = await findPowerReader('auto', { sysRoot: rootDir, clock: systemClock, readPmic: noPmic });
    expect(reader?.name).toBe('ina2xx');
    expect(await reader?.readWatts()).toBeCloseTo(2.375, 9);
  });

  it('multiplies volts and amperes where the driver gives no power, and says null when the sensor goes', async () => {
    await files({
      'class/hwmon/hwmon0/name': 'ina219\n',
      'class/hwmon/hwmon0/in1_input': '5100\n',
      'class/hwmon/hwmon0/curr1_input': '400\n',
    });
    const reader = await findPowerReader('ina2xx', { sysRoot: rootDir, clock: systemClock });
    expect(await reader?.readWatts()).toBeCloseTo(2.04, 9);
    await rm(join(rootDir, 'class'), { recursive: true });
    expect(await reader?.readWatts()).toBeNull();
  });

  it('sums the rails of a Raspberry Pi 5', async () => {
    const output =
      '   3V3_SYS_A current(1)=0.10000000A\n  VDD_CORE_A current(7)=2.00000000A\n' +
      '   3V3_SYS_V volt(9)=3.30000000V\n  VDD_CORE_V volt(15)=0.80000000V\n     EXT5V_V volt(24)=5.10000000V\n';
    expect(sumPmicRails(output)).toBeCloseTo(0.33 + 1.6, 9);
    const reader = await findPowerReader('auto', {
      sysRoot: rootDir,
      clock: systemClock,
      readPmic: async () => output,
    });
    expect(reader?.name).toBe('pmic');
    expect(sumPmicRails('error: not supported')).toBeNull();
  });

  it('turns RAPL’s counter into watts, across its wrap', async () => {
    const zone = 'class/powercap/intel-rapl:0';
    let nowMs = 0;
    await files({ [`${zone}/max_energy_range_uj`]: '10000000', [`${zone}/energy_uj`]: '9000000' });
    const reader = await findPowerReader('auto', {
      sysRoot: rootDir,
      readPmic: noPmic,
      clock: { monotonicMs: () => nowMs },
    });
    expect(reader?.name).toBe('rapl');
    expect(await reader?.readWatts()).toBeNull();
    nowMs = 1000;
    await files({ [`${zone}/energy_uj`]: '9500000' });
    expect(await reader?.readWatts()).toBeCloseTo(0.5, 9);
    nowMs = 2000;
    await files({ [`${zone}/energy_uj`]: '500000' });
    expect(await reader?.readWatts()).toBeCloseTo(1, 9);
  });

  it('finds none on a machine without, and does not look when told not to', async () => {
    expect(
      await findPowerReader('auto', { sysRoot: rootDir, clock: systemClock, readPmic: noPmic }),
    ).toBeNull();
    await files({ 'class/hwmon/hwmon0/name': 'ina226\n', 'class/hwmon/hwmon0/power1_input': '1' });
    expect(await findPowerReader('none', { sysRoot: rootDir, clock: systemClock })).toBeNull();
  });
});

describe('board profiles', () => {
  it.each([
    ['Raspberry Pi Zero 2 W Rev 1.0\0', 'pi-zero-2-w'],
    ['Raspberry Pi 4 Model B Rev 1.4\0', 'pi-4'],
    ['Raspberry Pi 5 Model B Rev 1.0\0', 'pi-5'],
    ['Raspberry Pi 3 Model B Plus Rev 1.3\0', 'generic'],
  ])('knows %s', async (model, board) => {
    await files({ 'device-tree/model': model });
    expect(detectBoard(rootDir)).toBe(board);
  });

  it('takes a board’s published figures, each with its source, unless the configuration has its own', () => {
    expect(boardProfile(meterConfigSchema.parse({}), rootDir)).toBe(BOARD_PROFILES.generic);
    for (const profile of Object.values(BOARD_PROFILES)) expect(profile.source.length).toBeGreaterThan(20);
    expect(boardProfile(meterConfigSchema.parse({ board: 'pi-5', coreWatts: 1 }), rootDir)).toMatchObject({
      idleWatts: 4.4,
      coreWatts: 1,
      source: 'the configuration',
    });
  });
});

describe('the CPU time of a thread', () => {
  it('is the first field of schedstat, in milliseconds', async () => {
    await files({ 'thread-self/schedstat': '1234567890 5555 42\n' });
    expect(readThreadCpuMs(rootDir)).toBeCloseTo(1234.56789, 6);
  });

  it('is unknown where the kernel does not tell', () => {
    expect(readThreadCpuMs(rootDir)).toBeNull();
  });
});

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Child, until } from './serial.js';
import { requireTool, root } from './tools.js';

/** True where the firmware can be built and run; says so where not. */
export function requireFirmware(what: string): boolean {
  return requireTool(what, 'make', 'cc', 'arm-none-eabi-gcc', 'qemu-system-arm', 'socat');
}

/** Builds a target of firmware-bridge into a folder of the test's own; returns its path. */
export function buildFirmware(scratch: string, target: string): string {
  const path = join(scratch, target);
  execFileSync('make', ['-s', '-C', join(root, 'firmware-bridge'), `BUILD=${scratch}`, path]);
  return path;
}

const machine = ['-M', 'mps2-an386', '-display', 'none', '-monitor', 'none'];

/** Runs a program on an emulated Cortex-M4 whose serial port is a unix socket. */
export async function runLive(elf: string, socket: string): Promise<Child> {
  const qemu = new Child('qemu-system-arm', [
    ...machine,
    '-serial',
    `unix:${socket},server=on,wait=off`,
    '-kernel',
    elf,
  ]);
  await until("QEMU's socket", () => existsSync(socket));
  return qemu;
}

/** Runs it on virtual time, as fast as it goes, its serial port written to a file. */
export function runDeterministic(elf: string, output: string): Child {
  return new Child('qemu-system-arm', [
    ...machine,
    '-icount',
    'shift=4,sleep=off',
    '-serial',
    `file:${output}`,
    '-kernel',
    elf,
  ]);
}

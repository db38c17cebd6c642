import { CatnapError } from '../core/errors.js';
import { type CaptureDevice, listCaptureDevices, listSerialDevices } from '../sources/microphone/devices.js';
import type { RegisterCommand } from './command.js';

/** `catnap devices`: microphones and serial boards, by the names a configuration wants. */
export const registerDevices: RegisterCommand = (program) => {
  program
    .command('devices')
    .description('list microphones and serial boards by the names a configuration wants')
    .option('--json', 'print one JSON object', false)
    .action(async ({ json }: { readonly json: boolean }) => {
      const { microphones, problem } = await listMicrophones();
      const serial = await listSerialDevices();
      if (json) {
        process.stdout.write(`${JSON.stringify({ microphones, problem, serial })}\n`);
        return;
      }
      const lines = [
        'Microphones (device:)',
        ...microphones.map(({ device, card, name }) => `  ${device}  ${card}, ${name}`),
        ...(microphones.length === 0 ? [`  none${problem === null ? '' : `: ${problem}`}`] : []),
        'Serial boards (path:)',
        ...serial.map(({ path, tty }) => `  ${path}  now ${tty}`),
        ...(serial.length === 0 ? ['  none'] : []),
      ];
      process.stdout.write(`${lines.join('\n')}\n`);
    });
};

async function listMicrophones(): Promise<{
  readonly microphones: readonly CaptureDevice[];
  readonly problem: string | null;
}> {
  try {
    return { microphones: await listCaptureDevices(), problem: null };
  } catch (error) {
    if (!(error instanceof CatnapError)) throw error;
    return { microphones: [], problem: error.message };
  }
}

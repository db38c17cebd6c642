import { spawnSync } from 'node:child_process';
import { type Finding, ok, problem } from '../../core/finding.js';

/** Listens to a microphone for a second. */
export function checkMicrophone(recorder: 'arecord' | 'sox', device: string): Finding {
  const args =
    recorder === 'arecord'
      ? ['-q', '-D', device, '-d', '1', '-f', 'S16_LE', '-r', '16000', '-t', 'raw']
      : ['--version'];
  const { error, status, stdout, stderr } = spawnSync(recorder, args, {
    timeout: 5000,
    maxBuffer: 1024 * 1024,
  });
  if (error && 'code' in error && error.code === 'ENOENT')
    return problem(
      `${recorder} is not installed`,
      `apt install ${recorder === 'arecord' ? 'alsa-utils' : 'sox'}`,
    );
  if (status !== 0)
    return problem(
      `${recorder} cannot read "${device}": ${stderr.toString().trim().split('\n')[0] ?? ''}`,
      '`catnap devices` lists what there is',
    );
  return ok(
    recorder === 'arecord' ? `${stdout.length / 2} samples in a second from "${device}"` : 'sox is installed',
  );
}

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CatnapError } from '../../core/errors.js';
import type { Attached } from '../source-kind.js';

/** A capture device, and the name to write into a configuration. */
export interface CaptureDevice {
  /** Converts rate and format where the hardware cannot, and stays the same when cards are renumbered. */
  readonly device: string;
  readonly card: string;
  readonly name: string;
}

/** A line of `arecord -l` (alsa-utils, aplay.c, `device_list`), in its untranslated form. */
const CARD = /^card \d+: (\S+) \[(.*?)\], device (\d+): .*? \[(.*)\]$/;
const LIST_MS = 10_000;

/** What `arecord -l` printed. */
function parseCaptureDevices(listing: string): readonly CaptureDevice[] {
  const devices: CaptureDevice[] = [];
  for (const line of listing.split('\n')) {
    const match = CARD.exec(line.trim());
    if (match === null) continue;
    const [, id = '', card = '', index = '0', name = ''] = match;
    devices.push({ device: `plughw:CARD=${id},DEV=${index}`, card, name: name || card });
  }
  return devices;
}

/**
 * The microphones ALSA knows.
 * @throws CatnapError `TOOL_MISSING` where `arecord` is not installed.
 */
export async function listCaptureDevices(): Promise<readonly CaptureDevice[]> {
  try {
    const env = { ...process.env, LC_ALL: 'C' };
    const { stdout } = await promisify(execFile)('arecord', ['-l'], { env, timeout: LIST_MS });
    return parseCaptureDevices(stdout);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw new CatnapError('TOOL_MISSING', 'expected arecord on PATH (package alsa-utils), found none', {
        cause,
      });
    }
    // It ends with an error where there is no sound card.
    return [];
  }
}

/** The same for `catnap devices`, which goes on where they cannot be told. */
export async function attachedMicrophones(): Promise<Attached> {
  const listed = { name: 'microphones', title: 'Microphones (device:)' };
  try {
    const devices = (await listCaptureDevices()).map(({ device, card, name }) => ({
      line: `${device}  ${card}, ${name}`,
      about: { device, card, name },
    }));
    return { ...listed, devices, problem: null };
  } catch (error) {
    if (!(error instanceof CatnapError)) throw error;
    return { ...listed, devices: [], problem: error.message };
  }
}

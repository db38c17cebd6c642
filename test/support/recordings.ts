import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './tools.js';

const WAV_HEADER_BYTES = 44;

/** The samples of one of the golden recordings below `fixtures/voice`, 16 kHz mono 16-bit. */
export function goldenPcm(name: string): Int16Array {
  const wav = readFileSync(join(root, 'fixtures/voice', `${name}.wav`));
  return new Int16Array(Uint8Array.from(wav.subarray(WAV_HEADER_BYTES)).buffer);
}

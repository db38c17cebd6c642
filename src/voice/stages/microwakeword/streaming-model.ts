import { CatnapError } from '../../../core/errors.js';
import { MicroFrontEnd } from '../../../dsp/micro/front-end.js';
import { describeEngine, type Engine, type Quantisation, type TensorData } from '../../../engines/engine.js';
import { loadEngine } from '../../../engines/load.js';
import type { ForeignWord } from '../foreign/foreign-word.js';

/** What a feature of the front end is worth to the model (`pymicro-features`: FLOAT32_SCALE). */
const FEATURE_SCALE = 0.0390625;

type Bytes = Int8Array | Uint8Array;

interface Side {
  readonly data: Bytes;
  readonly quantisation: Quantisation;
}

/** One of microWakeWord's models: some frames at a time, one score each, of which the mean of the latest counts. */
export class StreamingModel {
  readonly #recent: Float64Array;
  #pendingFrames = 0;
  #runs = 0;

  private constructor(
    private readonly engine: Engine,
    private readonly input: Side,
    private readonly output: Side,
    meanOf: number,
  ) {
    this.#recent = new Float64Array(meanOf);
  }

  /**
   * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`; `MODEL_SHAPE` for a file that is none of
   * microWakeWord's.
   */
  static async load({ network, meanOf }: ForeignWord): Promise<StreamingModel> {
    const engine = await loadEngine(network, 'tflite');
    const [input, ...others] = engine.inputs;
    const [output] = engine.outputs;
    const [from, to] = [bytesOf(input), bytesOf(output)];
    const fits =
      others.length === 0 && input?.shape.at(-1) === MicroFrontEnd.channels && output?.data.length === 1;
    if (fits && from !== null && to !== null) return new StreamingModel(engine, from, to, meanOf);
    const found = describeEngine(engine);
    await engine.dispose();
    throw new CatnapError(
      'MODEL_SHAPE',
      `model ${network.manifest.name}: expected one of microWakeWord, int8[1,n,${MicroFrontEnd.channels}] to one quantised score, found ${found}`,
    );
  }

  /**
   * Takes a frame of features.
   * @returns the mean of the latest scores, 0 until there are enough; null where the model wants more frames first.
   */
  hear(features: Float64Array): number | null {
    const { data, quantisation } = this.input;
    const from = this.#pendingFrames * features.length;
    const least = data instanceof Int8Array ? -128 : 0;
    for (let i = 0; i < features.length; i++) {
      const value = ((features[i] as number) * FEATURE_SCALE) / quantisation.scale + quantisation.zeroPoint;
      data[from + i] = Math.max(least, Math.min(least + 255, rounded(value)));
    }
    this.#pendingFrames += 1;
    if (this.#pendingFrames * features.length < data.length) return null;
    this.#pendingFrames = 0;
    // TensorFlow Lite is synchronous.
    void this.engine.run();
    return this.#mean();
  }

  reset(): void {
    this.engine.reset();
    this.#pendingFrames = 0;
    this.#runs = 0;
  }

  async dispose(): Promise<void> {
    await this.engine.dispose();
  }

  #mean(): number {
    const { data, quantisation } = this.output;
    this.#recent[this.#runs % this.#recent.length] =
      ((data[0] as number) - quantisation.zeroPoint) * quantisation.scale;
    this.#runs += 1;
    if (this.#runs < this.#recent.length) return 0;
    return this.#recent.reduce((sum, score) => sum + score, 0) / this.#recent.length;
  }
}

function bytesOf(
  tensor: { readonly data: TensorData; readonly quantisation: Quantisation | null } | undefined,
): Side | null {
  if (tensor === undefined || tensor.quantisation === null) return null;
  const { data, quantisation } = tensor;
  return data instanceof Int8Array || data instanceof Uint8Array ? { data, quantisation } : null;
}

/** To the nearest whole number, halves to the even one, as NumPy does. */
function rounded(value: number): number {
  const nearest = Math.floor(value + 0.5);
  return nearest - value === 0.5 && nearest % 2 !== 0 ? nearest - 1 : nearest;
}

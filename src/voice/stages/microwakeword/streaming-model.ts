import { CatnapError } from '../../../core/errors.js';
import { mean } from '../../../core/moments.js';
import { MicroFrontEnd } from '../../../dsp/micro/front-end.js';
import { describeEngine, type Engine } from '../../../engines/engine.js';
import { loadEngine } from '../../../engines/load.js';
import { RealValues } from '../../../engines/real-values.js';
import type { ForeignWord } from '../foreign/foreign-word.js';

/** What a feature of the front end is worth to the model (`pymicro-features`: FLOAT32_SCALE). */
const FEATURE_SCALE = 0.0390625;

/** One of microWakeWord's models: some frames at a time, one score each, of which the mean of the latest counts. */
export class StreamingModel {
  readonly #recent: Float64Array;
  #pendingFrames = 0;
  #runs = 0;

  private constructor(
    private readonly engine: Engine,
    private readonly input: RealValues,
    private readonly output: RealValues,
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
    const [from, to] = [RealValues.of(input), RealValues.of(output)];
    const fits =
      others.length === 0 && input?.shape.at(-1) === MicroFrontEnd.channels && output?.data.length === 1;
    if (fits && from?.isQuantised && to?.isQuantised) return new StreamingModel(engine, from, to, meanOf);
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
    this.input.write(features, this.#pendingFrames * features.length, FEATURE_SCALE);
    this.#pendingFrames += 1;
    if (this.#pendingFrames * features.length < this.input.length) return null;
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
    this.#recent[this.#runs % this.#recent.length] = this.output.read(0);
    this.#runs += 1;
    if (this.#runs < this.#recent.length) return 0;
    return mean(this.#recent);
  }
}

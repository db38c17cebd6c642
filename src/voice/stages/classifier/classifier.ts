import type { StageSpec } from '../../../core/cascade/assembly.js';
import type { Decision, Stage, Window } from '../../../core/cascade/stage.js';
import { CatnapError } from '../../../core/errors.js';
import { INT16_FULL_SCALE } from '../../../core/signal/pcm.js';
import { type WindowFeatureSettings, WindowFeatures } from '../../../dsp/window-features.js';
import { describeEngine, type Engine } from '../../../engines/engine.js';
import { loadEngine } from '../../../engines/load.js';
import { RealValues } from '../../../engines/real-values.js';
import type { Network } from '../../../models/model.js';
import { ForeignScores } from '../foreign/foreign-scores.js';
import { Slices } from '../foreign/slices.js';
import type { KnownLabel } from '../labels/known-labels.js';

/** What a classifier is shown of a window: its samples, of full scale 1 or as 16 bits say them, or its spectrum. */
export type ClassifierFrontEnd =
  | { readonly kind: 'samples'; readonly scale: 'unit' | 'int16' }
  | ({ readonly kind: 'spectrum' } & WindowFeatureSettings);

/** How a classifier is asked, and what its output means. */
export interface ClassifierTraits {
  readonly frontEnd: ClassifierFrontEnd;
  /**
   * `scores`: one a label, 0 to 1; `logits`: before the softmax; `reconstruction`: its input again, whose mean square
   * error is the score of the one label.
   */
  readonly output: 'scores' | 'logits' | 'reconstruction';
  /** From one look to the next. */
  readonly everySamples: number;
  /** Looks whose mean is judged. */
  readonly meanOf: number;
  /** Error of a reconstruction that counts for 0.5 until somebody calibrates it; null: scores are confidences. */
  readonly usual: number | null;
}

/** As data, for a thread or process that loads no schemas. */
export interface ClassifierSpec extends StageSpec, ClassifierTraits {
  readonly kind: 'classifier';
  readonly network: Network;
  readonly labels: readonly string[];
  readonly words: readonly KnownLabel[];
}

declare module '../stage-kind.js' {
  interface VoiceStageSpecs {
    classifier: ClassifierSpec;
  }
}

/** What a classifier is made of. */
interface Parts {
  readonly engine: Engine;
  readonly input: RealValues;
  readonly output: RealValues;
  /** Null: it is shown the samples. */
  readonly features: WindowFeatures | null;
  /** Samples of a window. */
  readonly windowSamples: number;
}

/**
 * A network of one input that scores labels, shown the latest window at every look; hears hops of any length and
 * decides by the best of the looks in each. As a heavy stage it is given a window after `reset`.
 */
class Classifier implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #scores: ForeignScores;
  readonly #window: Float32Array;
  readonly #values: Float32Array;
  /** The latest scores of each label, a look after the other. */
  readonly #recent: Float64Array;
  readonly #means: Float64Array;
  readonly #slices: Slices;
  #looks = 0;

  constructor(
    private readonly spec: ClassifierSpec,
    private readonly parts: Parts,
  ) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#scores = new ForeignScores(spec.name, spec.words);
    this.#window = new Float32Array(parts.windowSamples);
    this.#values = new Float32Array(parts.input.length);
    this.#means = new Float64Array(spec.labels.length);
    this.#recent = new Float64Array(spec.labels.length * spec.meanOf);
    this.#slices = new Slices(spec.everySamples, this.#scores.silence(), {
      keep: (samples) => this.#keep(samples),
      judge: () => this.#look(),
    });
  }

  async decide({ data }: Window): Promise<Decision> {
    if (!data.every(Number.isFinite)) {
      this.reset();
      return { kind: 'abstain', stage: this.name, code: 'MODEL_OUTPUT' };
    }
    return this.#slices.hear(data);
  }

  reset(): void {
    this.parts.engine.reset();
    this.#window.fill(0);
    this.#looks = 0;
    this.#slices.reset();
  }

  async dispose(): Promise<void> {
    await this.parts.engine.dispose();
  }

  #keep(samples: Float32Array): void {
    const window = this.#window;
    const latest = samples.subarray(Math.max(0, samples.length - window.length));
    window.copyWithin(0, latest.length);
    window.set(latest, window.length - latest.length);
  }

  async #look(): Promise<Decision> {
    const { input, features, engine } = this.parts;
    const { frontEnd, meanOf, words } = this.spec;
    if (features === null)
      input.write(
        this.#window,
        0,
        frontEnd.kind === 'samples' && frontEnd.scale === 'int16' ? INT16_FULL_SCALE : 1,
      );
    else {
      features.write(this.#window, this.#values);
      input.write(this.#values);
    }
    await engine.run();
    const count = this.#means.length;
    this.#recent.set(this.#found(), (this.#looks % meanOf) * count);
    this.#looks += 1;
    if (this.#looks < meanOf) return this.#scores.silence();
    this.#means.fill(0);
    for (const [i, score] of this.#recent.entries())
      this.#means[i % count] = (this.#means[i % count] as number) + score / meanOf;
    return this.#scores.judge(words.map(({ index }) => this.#means[index] as number));
  }

  #found(): readonly number[] {
    const { output, input } = this.parts;
    const scores = Array.from({ length: output.length }, (_, i) => output.read(i));
    switch (this.spec.output) {
      case 'scores':
        return scores;
      case 'logits': {
        const most = Math.max(...scores);
        const powers = scores.map((score) => Math.exp(score - most));
        const sum = powers.reduce((total, power) => total + power, 0);
        return powers.map((power) => power / sum);
      }
      case 'reconstruction': {
        const squares = scores.map((score, i) => (score - input.read(i)) ** 2);
        return [squares.reduce((total, square) => total + square, 0) / squares.length];
      }
    }
  }
}

/**
 * Loads the network.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`; `MODEL_SHAPE` for one whose tensors are not as the labels and
 * the front end say.
 */
export async function createClassifier(spec: ClassifierSpec): Promise<Stage> {
  const { network, labels, frontEnd, output: means } = spec;
  const engine = await loadEngine(network, network.manifest.files.tflite === undefined ? 'onnx' : 'tflite');
  try {
    const [from, ...others] = engine.inputs;
    const [input, output] = [RealValues.of(from), RealValues.of(engine.outputs[0])];
    const wanted = means === 'reconstruction' ? input?.length : labels.length;
    if (others.length > 0 || input === null || output === null || output.length !== wanted)
      throw new CatnapError(
        'MODEL_SHAPE',
        `model ${network.manifest.name}: expected one input of float32 or quantised 8 bits and ${wanted ?? labels.length} such outputs, found ${describeEngine(engine)}`,
      );
    const features = frontEnd.kind === 'samples' ? null : new WindowFeatures(frontEnd, input.length);
    const windowSamples = features?.samples ?? input.length;
    return new Classifier(spec, { engine, input, output, features, windowSamples });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

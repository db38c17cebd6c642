import type { StageSpec } from '../../../core/cascade/assembly.js';
import type { Decision, Judgement, Stage, Window } from '../../../core/cascade/stage.js';
import type { ThresholdsAsked } from '../../../core/thresholds.js';
import { LogMelWindow } from '../../../dsp/log-mel.js';
import { type Engine, onlyFloats } from '../../../engines/engine.js';
import { cheapestFormat, loadEngine } from '../../../engines/load.js';
import type { LogMelFrontEnd, LogMelModel } from '../../../models/front-end.js';
import { LabelledScores } from '../labelled.js';

/** As data, for a thread or process that loads no schemas. */
export interface WakeTinySpec extends StageSpec, ThresholdsAsked {
  readonly kind: 'wake-tiny';
  readonly model: LogMelModel;
  /** Labels to report; null: all. */
  readonly words: readonly string[] | null;
  /** What runs it; `auto`: TensorFlow Lite where there is one, it needs less memory. */
  readonly engine: 'auto' | 'onnx' | 'tflite';
}

declare module '../stage-kind.js' {
  interface VoiceStageSpecs {
    'wake-tiny': WakeTinySpec;
  }
}

/**
 * A streaming keyword model: log-mel frames as they come, one run of the model every few frames over the latest
 * ones. Hears hops of any length; between two runs it repeats its last decision. Allocates nothing per hop.
 */
class WakeTiny implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #engine: Engine;
  readonly #frontEnd: LogMelFrontEnd;
  readonly #window: LogMelWindow;
  readonly #labelled: LabelledScores;
  readonly #hopSamples: number;
  /** What the model is shown, oldest frame first. */
  readonly #features: Float32Array;
  readonly #scores: Float32Array;
  #pendingFrames = 0;
  #last: Decision;

  constructor(spec: WakeTinySpec, engine: Engine) {
    const { model, frontEnd } = spec.model;
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#engine = engine;
    this.#frontEnd = frontEnd;
    this.#labelled = new LabelledScores(spec.name, model, spec.words, spec);
    const { framesPerCall, stepSamples } = frontEnd;
    this.#window = new LogMelWindow(frontEnd, framesPerCall);
    this.#hopSamples = framesPerCall * stepSamples;
    this.#features = onlyFloats(engine, 'inputs');
    this.#scores = onlyFloats(engine, 'outputs');
    this.#last = this.#labelled.silence();
    this.reset();
  }

  decide({ data }: Window): Decision | Promise<Decision> {
    if (data.length <= this.#hopSamples) return this.#hear(data);
    return this.#hearLong(data);
  }

  /** A window of many hops, as a heavy stage is given: the best decision in it. */
  async #hearLong(data: Float32Array): Promise<Decision> {
    let best: Judgement | null = null;
    for (let start = 0; start < data.length; start += this.#hopSamples) {
      const decision = await this.#hear(data.subarray(start, start + this.#hopSamples));
      if (decision.kind === 'abstain') return decision;
      if (best === null || decision.confidence > best.confidence) best = { ...decision };
    }
    return best ?? this.#last;
  }

  #hear(data: Float32Array): Decision | Promise<Decision> {
    const { framesPerCall } = this.#frontEnd;
    this.#pendingFrames += this.#window.push(data);
    if (this.#pendingFrames < framesPerCall) return this.#last;
    this.#pendingFrames -= framesPerCall;
    this.#window.show(this.#features);
    const work = this.#engine.run();
    return work === undefined ? this.#judge() : work.then(() => this.#judge());
  }

  #judge(): Decision {
    this.#last = this.#labelled.judge(this.#scores);
    if (this.#last.kind !== 'abstain') return this.#last;
    const abstention = this.#last;
    this.reset();
    return abstention;
  }

  reset(): void {
    this.#window.reset();
    this.#engine.reset();
    this.#pendingFrames = 0;
    this.#last = this.#labelled.silence();
  }

  async dispose(): Promise<void> {
    await this.#engine.dispose();
  }
}

/**
 * Loads a streaming keyword model.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`, `CONFIG_INVALID` for an unknown word.
 */
export async function createWakeTiny(spec: WakeTinySpec): Promise<Stage> {
  const { model } = spec.model;
  const format = spec.engine === 'auto' ? cheapestFormat(model) : spec.engine;
  return new WakeTiny(spec, await loadEngine(model, format));
}

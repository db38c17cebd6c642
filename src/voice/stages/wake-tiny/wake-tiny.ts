import type { StageSpec } from '../../../core/cascade/assembly.js';
import type { Decision, Judgement, Stage, Window } from '../../../core/cascade/stage.js';
import { samplesIn } from '../../../core/signal/duration.js';
import type { ThresholdsAsked } from '../../../core/thresholds.js';
import type { Engine } from '../../../engines/engine.js';
import { cheapestFormat, loadEngine } from '../../../engines/load.js';
import type { LogMelFrontEnd, LogMelModel } from '../../../models/front-end.js';
import type { Looks } from '../../../models/manifest.js';
import { LabelledScores } from '../labelled.js';
import { FrameNetwork } from './frame-network.js';
import { HeldScores } from './held-scores.js';
import { WordEnd } from './word-end.js';

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

/** Where a manifest says nothing of it: the model is run once a call, and each score is taken as it is. */
const ONCE_A_CALL: Looks = {
  idleFrames: 1,
  risenScore: Number.POSITIVE_INFINITY,
  heldFrames: 1,
  centreAfterEndMs: {},
  calm: null,
};

/**
 * A streaming keyword model over log-mel frames as they come. While no word scores it is run once in several frames;
 * once one does, on every frame, those since the last run included, and a word is what scored so for long enough. So
 * it does not matter where a word stands between two runs, and waiting for nothing costs little. Hears hops of any
 * length; between two runs it repeats its last decision. Allocates nothing per hop.
 */
class WakeTiny implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #network: FrameNetwork;
  readonly #frontEnd: LogMelFrontEnd;
  readonly #idleFrames: number;
  readonly #risenScore: number;
  readonly #labelled: LabelledScores;
  readonly #held: HeldScores;
  readonly #wordEnd: WordEnd;
  readonly #hopSamples: number;
  /** Frames that it was not run on yet. */
  #pendingFrames = 0;
  /** One past the last sample heard. */
  #heardSample = 0;
  /** Whether a word scored at the last run. */
  #risen = false;
  #last: Decision;

  constructor(spec: WakeTinySpec, engine: Engine) {
    const { model, frontEnd } = spec.model;
    const { framesPerCall, stepSamples } = frontEnd;
    const { idleFrames, risenScore, heldFrames, centreAfterEndMs } = model.manifest.looks ?? ONCE_A_CALL;
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#frontEnd = frontEnd;
    this.#idleFrames = Math.max(idleFrames, framesPerCall);
    this.#risenScore = risenScore;
    this.#labelled = new LabelledScores(spec.name, model, spec.words, spec);
    this.#network = new FrameNetwork(engine, frontEnd, this.#idleFrames + framesPerCall);
    this.#hopSamples = framesPerCall * stepSamples;
    this.#held = new HeldScores(this.#network.scores.length, heldFrames);
    this.#wordEnd = new WordEnd(
      model.manifest.labels.map((label) => {
        const afterMs = centreAfterEndMs[label];
        return afterMs === undefined ? null : samplesIn(afterMs, frontEnd.rateHz);
      }),
    );
    this.#last = this.#labelled.silence();
    this.reset();
  }

  decide({ data, startSample }: Window): Decision | Promise<Decision> {
    this.#heardSample = startSample;
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
    this.#heardSample += data.length;
    this.#pendingFrames += this.#network.push(data);
    if (this.#pendingFrames < (this.#risen ? this.#frontEnd.framesPerCall : this.#idleFrames))
      return this.#last;
    if (this.#risen) return this.#hearEach();
    const work = this.#network.look(this.#pendingFrames - this.#idleFrames);
    return work === undefined ? this.#hearIdle() : work.then(() => this.#hearIdle());
  }

  /** The model was run on one frame alone. */
  #hearIdle(): Decision | Promise<Decision> {
    if (this.#labelled.highest(this.#network.scores) >= this.#risenScore) return this.#hearEach();
    this.#held.level(this.#network.scores);
    for (let frame = 0; frame < this.#idleFrames; frame++)
      this.#wordEnd.push(this.#network.scores, this.#heardSample);
    this.#pendingFrames -= this.#idleFrames;
    return this.#judge();
  }

  /** Every frame that it was not run on yet. */
  #hearEach(): Decision | Promise<Decision> {
    this.#held.begin();
    return this.#hearFrom(this.#pendingFrames - 1);
  }

  #hearFrom(framesAgo: number): Decision | Promise<Decision> {
    for (let ago = framesAgo; ago >= 0; ago--) {
      const work = this.#network.look(ago);
      if (work !== undefined) {
        return work.then(() => {
          this.#heard(ago);
          return this.#hearFrom(ago - 1);
        });
      }
      this.#heard(ago);
    }
    this.#pendingFrames = 0;
    this.#risen = this.#labelled.highest(this.#network.scores) >= this.#risenScore;
    return this.#judge();
  }

  #heard(framesAgo: number): void {
    this.#held.push(this.#network.scores);
    this.#wordEnd.push(this.#network.scores, this.#heardSample - framesAgo * this.#frontEnd.stepSamples);
  }

  #judge(): Decision {
    const decision = this.#labelled.judge(this.#held.highest, this.#held.kept);
    this.#last = decision;
    if (decision.kind === 'abstain') {
      this.reset();
      return decision;
    }
    const endSample = this.#wordEnd.take();
    return endSample === null ? decision : { ...decision, endSample };
  }

  reset(): void {
    this.#network.reset();
    this.#held.reset();
    this.#wordEnd.reset();
    this.#pendingFrames = 0;
    this.#risen = false;
    this.#last = this.#labelled.silence();
  }

  async dispose(): Promise<void> {
    await this.#network.dispose();
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

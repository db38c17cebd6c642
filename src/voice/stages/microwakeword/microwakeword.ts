import type { Decision, Stage, Window } from '../../../core/cascade/stage.js';
import { MicroFrontEnd } from '../../../dsp/micro/front-end.js';
import type { ForeignSpec } from '../foreign/foreign-kind.js';
import { ForeignScores } from '../foreign/foreign-scores.js';
import { StreamingModel } from './streaming-model.js';

/** As data, for a thread or process that loads no schemas. */
export type MicroWakeWordSpec = ForeignSpec<'microwakeword'>;

declare module '../stage-kind.js' {
  interface VoiceStageSpecs {
    microwakeword: MicroWakeWordSpec;
  }
}

/** The models that want their frames equally often, and what makes these. */
interface Pace {
  readonly frontEnd: MicroFrontEnd;
  readonly models: readonly { readonly word: number; readonly model: StreamingModel }[];
}

/**
 * microWakeWord's models on their front end; hears hops of any length and decides by the best of what it heard in
 * each. As a heavy stage it is given a window after `reset`.
 */
class MicroWakeWordStage implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #scores: ForeignScores;
  /** Of each word: the latest, and the best of a hop, which is the latest from before where the hop brings none. */
  readonly #latest: Float64Array;
  readonly #best: Float64Array;
  /** Words that have had a score in this hop. */
  readonly #isScored: Uint8Array;

  constructor(
    spec: MicroWakeWordSpec,
    private readonly paces: readonly Pace[],
  ) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#scores = new ForeignScores(spec.name, spec.words);
    this.#latest = new Float64Array(spec.words.length);
    this.#best = new Float64Array(spec.words.length);
    this.#isScored = new Uint8Array(spec.words.length);
  }

  decide({ data }: Window): Decision {
    if (!isSound(data)) {
      this.reset();
      return { kind: 'abstain', stage: this.name, code: 'MODEL_OUTPUT' };
    }
    this.#best.set(this.#latest);
    this.#isScored.fill(0);
    for (const pace of this.paces) pace.frontEnd.push(data, (features) => this.#hear(pace.models, features));
    return this.#scores.judge(this.#best);
  }

  #hear(models: Pace['models'], features: Float64Array): void {
    for (const { word, model } of models) {
      const score = model.hear(features);
      if (score === null) continue;
      this.#latest[word] = score;
      const isBest = this.#isScored[word] === 0 || score > (this.#best[word] as number);
      if (isBest) this.#best[word] = score;
      this.#isScored[word] = 1;
    }
  }

  reset(): void {
    this.#latest.fill(0);
    for (const { frontEnd, models } of this.paces) {
      frontEnd.reset();
      for (const { model } of models) model.reset();
    }
  }

  async dispose(): Promise<void> {
    for (const { models } of this.paces) for (const { model } of models) await model.dispose();
  }
}

/** Whether all are numbers: else their sum is none, which is quicker to find than each. */
function isSound(data: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] as number;
  return Number.isFinite(sum);
}

/**
 * Loads the models.
 * @throws CatnapError as {@link StreamingModel.load}.
 */
export async function createMicroWakeWord(spec: MicroWakeWordSpec): Promise<Stage> {
  const byStep = new Map<number, { readonly word: number; readonly model: StreamingModel }[]>();
  for (const [word, each] of spec.words.entries()) {
    const models = byStep.get(each.stepMs) ?? [];
    models.push({ word, model: await StreamingModel.load(each) });
    byStep.set(each.stepMs, models);
  }
  const paces = [...byStep].map(([stepMs, models]) => ({ frontEnd: new MicroFrontEnd(stepMs * 16), models }));
  return new MicroWakeWordStage(spec, paces);
}

import type { StageSpec } from '../../../core/cascade/assembly.js';
import { logit, sigmoid } from '../../../core/cascade/calibration.js';
import type { Decision, Stage, Window } from '../../../core/cascade/stage.js';
import { CatnapError } from '../../../core/errors.js';
import type { ThresholdsAsked } from '../../../core/thresholds.js';
import { type Engine, onlyFloats } from '../../../engines/engine.js';
import { loadEngine } from '../../../engines/load.js';
import type { RawAudioFrontEnd } from '../../../models/front-end.js';
import type { Manifest, Model } from '../../../models/manifest.js';
import { showEndInRange } from '../audio-window.js';
import { LabelledScores } from '../labelled.js';
import type { VoiceStageRequest } from '../stage-kind.js';
import { loadSpeechOpinion, type Second, type SpeechOpinion, type Unavailable } from './speech-opinion.js';
import { type EndsModel, loadWordEnds, type WordEnds } from './word-ends.js';

/** As data, for a thread or process that loads no schemas. */
export interface WakeHeavySpec extends StageSpec, ThresholdsAsked {
  readonly kind: 'wake-heavy';
  readonly model: Model;
  readonly frontEnd: RawAudioFrontEnd;
  /** Whose opinion its manifest asks for; null: nobody's. */
  readonly second: Second | null;
  /** By whose hearing its manifest asks for words' ends to be found; null: by nobody's. */
  readonly ends: EndsModel | Unavailable | null;
  /** As {@link VoiceStageRequest.exact}. */
  readonly exact?: boolean;
  /** Labels to report; null: all. */
  readonly words: readonly string[] | null;
}

declare module '../stage-kind.js' {
  interface VoiceStageSpecs {
    'wake-heavy': WakeHeavySpec;
  }
}

/** What tiny's score of a word counts as where it never named it, and how far from 0 and 1 it counts at most. */
const UNHEARD_SCORE = 0.01;

/** What a verifier is made of. */
interface Parts {
  readonly manifest: Manifest;
  readonly frontEnd: RawAudioFrontEnd;
  readonly engine: Engine;
  readonly labelled: LabelledScores;
  /** Null: nobody else is asked. */
  readonly speech: SpeechOpinion | null;
  /** Null: where a word ends is not told. */
  readonly ends: WordEnds | null;
  /** As {@link VoiceStageRequest.exact}. */
  readonly exact: boolean;
}

/**
 * Judges the end of a window of audio at once: which word it holds, if any. Keeps nothing between windows.
 *
 * It is not taken alone. What woke it is evidence too, from another model that heard other features, and so is what a
 * speech encoder makes of the same window: their logits are added to this model's, by weights of the manifest, before
 * confidence is read off. The encoder costs most and is run only where it can decide.
 */
export class WakeHeavy implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #parts: Parts;
  readonly #logits: Float64Array;
  readonly #joint: Float32Array;

  constructor({ name, budgetMs }: Pick<WakeHeavySpec, 'name' | 'budgetMs'>, parts: Parts) {
    this.name = name;
    this.budgetMs = budgetMs;
    this.#parts = parts;
    this.#logits = new Float64Array(parts.manifest.labels.length);
    this.#joint = new Float32Array(parts.manifest.labels.length);
  }

  async decide({ data, noticed, startSample }: Window): Promise<Decision> {
    const { engine, frontEnd, ends } = this.#parts;
    showEndInRange(data, frontEnd.rateHz, frontEnd.level, onlyFloats(engine, 'inputs'));
    await engine.run();
    this.#hear(onlyFloats(engine, 'outputs'), noticed);
    const decision = { ...(await this.#judge(data)) };
    if (decision.kind === 'abstain') return decision;
    const end = decision.kind === 'accept' && ends !== null ? await ends.in(data, decision.label) : null;
    return {
      ...decision,
      ...(end === null ? {} : { endSample: startSample + end }),
      ...(this.#parts.exact ? { confidences: this.#parts.labelled.confidences(this.#joint) } : {}),
    };
  }

  /** This model's logits with those of what woke it, where it is told of any. */
  #hear(scores: Float32Array, noticed: Window['noticed']): void {
    const { labels, verify } = this.#parts.manifest;
    labels.forEach((label, i) => {
      const named = noticed?.get(label) ?? UNHEARD_SCORE;
      const tiny = Math.min(1 - UNHEARD_SCORE, Math.max(UNHEARD_SCORE, named));
      const woke = noticed === undefined ? 0 : verify.tinyWeight * logit(tiny);
      this.#logits[i] = logit(scores[i] ?? Number.NaN) + woke;
    });
  }

  /** The second is asked where its answer can change the verdict; where it cannot, both ends are told. */
  async #judge(data: Float32Array): Promise<Decision> {
    const { speech } = this.#parts;
    if (speech === null) return this.#judgeWith(null);
    if (this.#parts.exact) return this.#judgeWith(await speech.of(data));
    const least = { ...this.#judgeWith(speech.least) };
    const most = { ...this.#judgeWith(speech.most) };
    if (least.kind === 'abstain' || most.kind === 'abstain') return least;
    const range = { least: least.confidence, most: most.confidence };
    if (least.kind === 'accept') return { ...most, range };
    if (most.kind === 'reject') return { ...least, range };
    return this.#judgeWith(await speech.of(data));
  }

  #judgeWith(added: Float64Array | null): Decision {
    this.#logits.forEach((own, i) => {
      this.#joint[i] = sigmoid(own + (added?.[i] ?? 0));
    });
    return this.#parts.labelled.judge(this.#joint);
  }

  reset(): void {
    this.#parts.engine.reset();
    this.#parts.speech?.reset();
  }

  async dispose(): Promise<void> {
    await this.#parts.engine.dispose();
    await this.#parts.speech?.dispose();
    await this.#parts.ends?.dispose();
  }
}

/**
 * Loads a verifier, and whom it asks, into ONNX Runtime: TensorFlow Lite takes a fifth
 * less CPU, but would be a second runtime in a process that holds ONNX Runtime for Moonshine anyway.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`, `CONFIG_INVALID` for an unknown word.
 */
export async function createWakeHeavy(spec: WakeHeavySpec): Promise<Stage> {
  const { model, frontEnd, second, ends: asked, exact = false } = spec;
  const labelled = new LabelledScores(spec.name, model, spec.words, spec);
  const engine = await loadEngine(model, 'onnx');
  try {
    const speech = second === null ? null : await loadSpeechOpinion(model, second);
    if (asked?.kind === 'unavailable') throw new CatnapError(asked.code, asked.message);
    const ends = asked === null ? null : await loadWordEnds(asked, frontEnd.rateHz);
    return new WakeHeavy(spec, { manifest: model.manifest, frontEnd, engine, labelled, speech, ends, exact });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

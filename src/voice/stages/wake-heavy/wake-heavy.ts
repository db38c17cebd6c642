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
import type { Opinion, Unavailable } from './opinion.js';
import { loadPhoneOpinion, type PhoneOpinion, type PhonesModel } from './phone-opinion.js';
import { loadSpeechOpinion, type Second } from './speech-opinion.js';

/** As data, for a thread or process that loads no schemas. */
export interface WakeHeavySpec extends StageSpec, ThresholdsAsked {
  readonly kind: 'wake-heavy';
  readonly model: Model;
  readonly frontEnd: RawAudioFrontEnd;
  /** Whose opinion its manifest asks for; null: nobody's. */
  readonly second: Second | null;
  /** By whose hearing its manifest asks for words to be judged by how they are said; null: by nobody's. */
  readonly phones: PhonesModel | Unavailable | null;
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
  /** Null: nobody hears the phones of words, and where one ends is not told. */
  readonly phones: Pick<PhoneOpinion, keyof Opinion | 'endOf'> | null;
  /** Null: no speech encoder is asked. */
  readonly speech: Opinion | null;
  /** As {@link VoiceStageRequest.exact}. */
  readonly exact: boolean;
}

/**
 * Judges the end of a window of audio at once: which word it holds, if any. Keeps nothing between windows.
 *
 * It is not taken alone. What woke it is evidence too, from another model that heard other features, and so are how
 * the words fit the phones that were said and what a speech encoder makes of the same window: their logits are added to
 * this model's, by weights of the manifest, before confidence is read off. Each is run only where it can change the
 * verdict, the cheapest first unless the other has to be asked whatever it says. So most words that are believed are
 * told before their phones are heard, which then say where the word ended.
 */
export class WakeHeavy implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #parts: Parts;
  readonly #logits: Float64Array;
  readonly #joint: Float32Array;
  /** Whether the window that is judged was heard for phones, which then say where a word of it ends. */
  #isHeard = false;

  constructor({ name, budgetMs }: Pick<WakeHeavySpec, 'name' | 'budgetMs'>, parts: Parts) {
    this.name = name;
    this.budgetMs = budgetMs;
    this.#parts = parts;
    this.#logits = new Float64Array(parts.manifest.labels.length);
    this.#joint = new Float32Array(parts.manifest.labels.length);
  }

  async decide(window: Window): Promise<Decision> {
    const { data, noticed } = window;
    const { engine, frontEnd, labelled, exact } = this.#parts;
    this.#isHeard = false;
    showEndInRange(data, frontEnd.rateHz, frontEnd.level, onlyFloats(engine, 'inputs'));
    await engine.run();
    this.#hear(onlyFloats(engine, 'outputs'), noticed);
    const decision = { ...(await this.#judge(data)) };
    if (decision.kind === 'abstain') return decision;
    const isPlaced = decision.kind === 'accept' && this.#isHeard;
    const endSample = isPlaced ? this.#heardEnd(decision.label, window) : null;
    return {
      ...decision,
      ...(endSample === null ? {} : { endSample }),
      ...(exact ? { confidences: labelled.confidences(this.#joint) } : {}),
    };
  }

  async endOf(window: Window, label: string): Promise<number | null> {
    await this.#parts.phones?.of(window.data);
    return this.#heardEnd(label, window);
  }

  /** Where a word of the window ends whose phones were heard last. */
  #heardEnd(label: string, { startSample }: Window): number | null {
    const end = this.#parts.phones?.endOf(label) ?? null;
    return end === null ? null : startSample + end;
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

  /** Others are asked where their answers can change the verdict. */
  async #judge(data: Float32Array): Promise<Decision> {
    const { phones, speech, exact } = this.#parts;
    let left = [phones, speech].filter((opinion) => opinion !== null);
    for (;;) {
      const settled = exact && left.length > 0 ? null : this.#settled(left);
      if (settled !== null) return settled;
      const next = this.#next(left);
      left = left.filter((opinion) => opinion !== next);
      this.#add(await next.of(data));
      this.#isHeard ||= next === phones;
    }
  }

  /** The cheapest whose answer can settle it, so that the others need not be asked; else the cheapest. */
  #next(left: readonly Opinion[]): Opinion {
    const settles = (opinion: Opinion): boolean => {
      const others = left.filter((other) => other !== opinion);
      return [opinion.least, opinion.most].some((added) => this.#settled(others, added) !== null);
    };
    return left.find(settles) ?? (left[0] as Opinion);
  }

  /**
   * The verdict that those who are not asked yet cannot change, with both ends of the confidence; null: they can.
   * @param added to each logit by who is asked next.
   */
  #settled(left: readonly Opinion[], added = 0): Decision | null {
    const sumOf = (side: 'least' | 'most') => left.reduce((sum, opinion) => sum + opinion[side], added);
    const least = { ...this.#judgeWith(sumOf('least')) };
    const most = { ...this.#judgeWith(sumOf('most')) };
    if (least.kind === 'abstain' || most.kind === 'abstain') return least;
    if (left.length === 0) return most;
    const range = { least: least.confidence, most: most.confidence };
    if (least.kind === 'accept') return { ...most, range };
    return most.kind === 'reject' ? { ...least, range } : null;
  }

  #add(added: Float64Array): void {
    for (const [i, logit] of added.entries()) this.#logits[i] = (this.#logits[i] as number) + logit;
  }

  /** @param added to each logit. */
  #judgeWith(added: number): Decision {
    for (const [i, logit] of this.#logits.entries()) this.#joint[i] = sigmoid(logit + added);
    return this.#parts.labelled.judge(this.#joint);
  }

  reset(): void {
    const { engine, phones, speech } = this.#parts;
    for (const part of [engine, phones, speech]) part?.reset();
  }

  async dispose(): Promise<void> {
    const { engine, phones, speech } = this.#parts;
    for (const part of [engine, phones, speech]) await part?.dispose();
  }
}

/**
 * Loads a verifier, and whom it asks, into ONNX Runtime: TensorFlow Lite takes a fifth
 * less CPU, but would be a second runtime in a process that holds ONNX Runtime for Moonshine anyway.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`, `CONFIG_INVALID` for an unknown word.
 */
export async function createWakeHeavy(spec: WakeHeavySpec): Promise<Stage> {
  const { model, frontEnd, second, phones: held, exact = false } = spec;
  const labelled = new LabelledScores(spec.name, model, spec.words, spec);
  const engine = await loadEngine(model, 'onnx');
  try {
    const speech = second === null ? null : await loadSpeechOpinion(model, second);
    if (held?.kind === 'unavailable') throw new CatnapError(held.code, held.message);
    const { labels } = model.manifest;
    const phones = held === null ? null : await loadPhoneOpinion(held, labels, frontEnd.rateHz);
    return new WakeHeavy(spec, {
      manifest: model.manifest,
      frontEnd,
      engine,
      labelled,
      speech,
      phones,
      exact,
    });
  } catch (error) {
    await engine.dispose();
    throw error;
  }
}

import type { StageSpec } from '../../../core/cascade/assembly.js';
import type { Piece, Recogniser, Recognition, Window } from '../../../core/cascade/stage.js';
import { CatnapError } from '../../../core/errors.js';
import { AS_TRAINED } from '../../../core/thresholds.js';
import { findWord, type Span } from '../../../dsp/trim.js';
import type { EncodedWordFrontEnd } from '../../../models/front-end.js';
import type { Model } from '../../../models/manifest.js';
import { showWord } from '../audio-window.js';
import { type EncodedModel, loadEncoded } from '../encoded.js';
import { LabelledScores } from '../labelled.js';

/** As data, for a thread or process that loads no schemas. */
export interface CommandsSpec extends StageSpec {
  readonly kind: 'commands';
  readonly model: Model;
  readonly frontEnd: EncodedWordFrontEnd;
}

declare module '../stage-kind.js' {
  interface RecogniserSpecs {
    commands: CommandsSpec;
  }
}

/** What a command model is made of. */
interface Parts {
  readonly frontEnd: EncodedWordFrontEnd;
  readonly encoded: EncodedModel;
  readonly labelled: LabelledScores;
  /** Index of the label of sounds that are not said. */
  readonly silence: number;
}

/**
 * Recognises utterances of one known word; anything else is `empty`, for the next recogniser to understand. A
 * pretrained speech encoder listens, a small model names what it heard.
 */
class Commands implements Recogniser {
  readonly name: string;
  readonly budgetMs: number;
  readonly #parts: Parts;

  constructor(spec: CommandsSpec, parts: Parts) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#parts = parts;
  }

  async recognise({ data, rateHz }: Window): Promise<Recognition> {
    if (!data.every(Number.isFinite)) return { kind: 'abstain', stage: this.name, code: 'MODEL_OUTPUT' };
    const found = findWord(data, rateHz);
    if (found === null) return { kind: 'empty', stage: this.name };
    const scores = await this.#scores(data, found.word);
    const decision = this.#parts.labelled.judge(scores);
    if (decision.kind === 'abstain') return decision;
    if (decision.kind !== 'accept') return { kind: 'empty', stage: this.name };
    const { label, confidence, score } = decision;
    const piece = pieceOf(scores, score);
    const { silence, frontEnd } = this.#parts;
    for (const rival of found.rivals) {
      const quiet = (await this.#scores(data, rival))[silence] ?? 0;
      if (!(quiet >= frontEnd.silence.least)) return { kind: 'empty', stage: this.name };
    }
    return { kind: 'transcript', stage: this.name, text: label, confidence, pieces: [piece] };
  }

  /** What the model says to a stretch of an utterance; the engine's own array. */
  #scores(data: Float32Array, span: Span): Promise<Float32Array> {
    const { frontEnd, encoded } = this.#parts;
    return encoded.scores(showWord(data, span, frontEnd, encoded.input));
  }

  async dispose(): Promise<void> {
    await this.#parts.encoded.dispose();
  }
}

/** The choice of the label that has this score, of scores of labels that exclude each other. */
function pieceOf(scores: Float32Array, score: number): Piece {
  const sum = scores.reduce((total, each) => total + each, 0);
  const next = scores.reduce((best, each) => (each < score ? Math.max(best, each) : best), 0);
  const shares = Array.from(scores, (each) => each / sum).filter((share) => share > 0);
  const open = shares.reduce((total, share) => total - share * Math.log(share), 0);
  return { probability: score / sum, next: next / sum, open };
}

/** @throws CatnapError `MODEL_SHAPE` when the model has no such label. */
function indexOf(label: string, { manifest }: Model): number {
  const index = manifest.labels.indexOf(label);
  if (index >= 0) return index;
  const labels = manifest.labels.join(', ');
  throw new CatnapError(
    'MODEL_SHAPE',
    `model ${manifest.name}: expected the label "${label}", found ${labels}`,
  );
}

/**
 * Loads a command model and its encoder.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export async function createCommands(spec: CommandsSpec): Promise<Recogniser> {
  const { model, frontEnd } = spec;
  const silence = indexOf(frontEnd.silence.label, model);
  const labelled = new LabelledScores(spec.name, model, null, AS_TRAINED);
  const encoded = await loadEncoded(model, frontEnd);
  return new Commands(spec, { frontEnd, encoded, labelled, silence });
}

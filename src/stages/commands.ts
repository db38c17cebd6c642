import type { Recogniser, Recognition, Window } from '../core/stage.js';
import { singleWord } from '../dsp/trim.js';
import { checkTensor, type Engine, floatsNamed } from '../engines/engine.js';
import { loadEngine } from '../engines/load.js';
import { type EncodedWordFrontEnd, encodedWordOf } from '../models/front-end.js';
import { loadManifest } from '../models/manifest.js';
import type { Model } from '../models/model.js';
import { poolFrames, showWord } from './audio-window.js';
import { LabelledScores } from './labelled.js';
import type { CommandsSpec } from './spec.js';

/**
 * Recognises utterances of one known word; anything else is `empty`, for the next recogniser to understand. A
 * pretrained speech encoder listens, a small model names what it heard.
 */
class Commands implements Recogniser {
  readonly name: string;
  readonly budgetMs: number;
  readonly #frontEnd: EncodedWordFrontEnd;
  readonly #encoder: Engine;
  readonly #head: Engine;
  readonly #labelled: LabelledScores;

  constructor(
    spec: CommandsSpec,
    frontEnd: EncodedWordFrontEnd,
    encoder: Engine,
    head: Engine,
    labelled: LabelledScores,
  ) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#frontEnd = frontEnd;
    this.#encoder = encoder;
    this.#head = head;
    this.#labelled = labelled;
  }

  async recognise({ data, rateHz }: Window): Promise<Recognition> {
    if (!data.every(Number.isFinite)) return { kind: 'abstain', stage: this.name, code: 'MODEL_OUTPUT' };
    const word = singleWord(data, rateHz);
    if (word === null) return { kind: 'empty', stage: this.name };
    const length = showWord(data, word, this.#frontEnd, onlyFloats(this.#encoder, 'inputs'));
    await this.#encoder.run();
    poolFrames(
      onlyFloats(this.#encoder, 'outputs'),
      length,
      this.#frontEnd,
      onlyFloats(this.#head, 'inputs'),
    );
    await this.#head.run();
    const decision = this.#labelled.judge(onlyFloats(this.#head, 'outputs'));
    if (decision.kind === 'abstain') return decision;
    if (decision.kind !== 'accept') return { kind: 'empty', stage: this.name };
    return { kind: 'transcript', stage: this.name, text: decision.label, confidence: decision.confidence };
  }

  async dispose(): Promise<void> {
    await this.#encoder.dispose();
    await this.#head.dispose();
  }
}

function onlyFloats(engine: Engine, side: 'inputs' | 'outputs'): Float32Array {
  return floatsNamed(engine[side], engine[side][0]?.name ?? '', engine.model);
}

/** @throws CatnapError `MODEL_SHAPE` unless the model takes what pooling makes of the encoder's frames. */
function checkPooled({ manifest }: Model, { encoder, segments }: EncodedWordFrontEnd): void {
  const [input] = manifest.inputs;
  const frames = encoder.outputs[0];
  if (input === undefined || frames === undefined) return;
  const { dtype, shape } = frames;
  checkTensor(manifest.name, input, { dtype, shape: [1, segments, shape.at(-1) ?? null] });
}

/**
 * Loads a command model and its encoder from the manifest.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`, `CONFIG_INVALID` for an unknown word.
 */
export async function createCommands(spec: CommandsSpec): Promise<Recogniser> {
  const model = loadManifest(spec.manifest);
  const frontEnd = encodedWordOf(model);
  const labelled = new LabelledScores(spec.name, model, null, null);
  const { encoder } = frontEnd;
  const listener = await loadEngine({ manifest: { ...encoder, state: [] }, folder: model.folder }, 'onnx');
  try {
    checkPooled(model, frontEnd);
    return new Commands(spec, frontEnd, listener, await loadEngine(model, 'onnx'), labelled);
  } catch (error) {
    await listener.dispose();
    throw error;
  }
}

import type { Recogniser, Recognition, Window } from '../core/stage.js';
import { wordSpan } from '../dsp/trim.js';
import { type Engine, floatsNamed } from '../engines/engine.js';
import { loadEngine } from '../engines/load.js';
import { rawAudioOf } from '../models/front-end.js';
import { loadManifest } from '../models/manifest.js';
import { showEnd } from './audio-window.js';
import { LabelledScores } from './labelled.js';
import type { CommandsSpec } from './spec.js';

/** Sound longer than this is more than one word, and so nothing for this model. */
const LONGEST_WORD_MS = 1400;
/** What the model is shown after the word: the rest of its window lies before. */
const AFTER_WORD_MS = 400;

/** Recognises utterances of one known word; anything else is `empty`, for the next recogniser to understand. */
class Commands implements Recogniser {
  readonly name: string;
  readonly budgetMs: number;
  readonly #engine: Engine;
  readonly #labelled: LabelledScores;

  constructor(spec: CommandsSpec, engine: Engine, labelled: LabelledScores) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#engine = engine;
    this.#labelled = labelled;
  }

  async recognise(window: Window): Promise<Recognition> {
    const { data, rateHz } = window;
    const { start, end } = wordSpan(data, rateHz);
    if (((end - start) * 1000) / rateHz > LONGEST_WORD_MS) return { kind: 'empty', stage: this.name };
    const shownEnd = Math.min(data.length, end + Math.round((AFTER_WORD_MS * rateHz) / 1000));
    showEnd({ ...window, data: data.subarray(0, shownEnd) }, this.#engine);
    await this.#engine.run();
    const { outputs, model } = this.#engine;
    const decision = this.#labelled.judge(floatsNamed(outputs, outputs[0]?.name ?? '', model));
    if (decision.kind === 'abstain') return decision;
    if (decision.kind !== 'accept') return { kind: 'empty', stage: this.name };
    return { kind: 'transcript', stage: this.name, text: decision.label, confidence: decision.confidence };
  }

  async dispose(): Promise<void> {
    await this.#engine.dispose();
  }
}

/**
 * Loads a command model from its manifest.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`, `CONFIG_INVALID` for an unknown word.
 */
export async function createCommands(spec: CommandsSpec): Promise<Recogniser> {
  const model = loadManifest(spec.manifest);
  rawAudioOf(model);
  const labelled = new LabelledScores(spec.name, model, null, null);
  return new Commands(spec, await loadEngine(model, 'onnx'), labelled);
}

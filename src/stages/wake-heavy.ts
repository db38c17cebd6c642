import type { Decision, Stage, Window } from '../core/stage.js';
import { type Engine, floatsNamed } from '../engines/engine.js';
import { loadEngine } from '../engines/load.js';
import { rawAudioOf } from '../models/front-end.js';
import { loadManifest } from '../models/manifest.js';
import { showEnd } from './audio-window.js';
import { LabelledScores } from './labelled.js';
import type { WakeHeavySpec } from './spec.js';

/** Judges the end of a window of audio at once: which word it holds, if any. Keeps nothing between windows. */
class WakeHeavy implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #engine: Engine;
  readonly #labelled: LabelledScores;

  constructor(spec: WakeHeavySpec, engine: Engine, labelled: LabelledScores) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#engine = engine;
    this.#labelled = labelled;
  }

  async decide(window: Window): Promise<Decision> {
    showEnd(window, this.#engine);
    await this.#engine.run();
    const { outputs, model } = this.#engine;
    return { ...this.#labelled.judge(floatsNamed(outputs, outputs[0]?.name ?? '', model)) };
  }

  reset(): void {
    this.#engine.reset();
  }

  async dispose(): Promise<void> {
    await this.#engine.dispose();
  }
}

/**
 * Loads a verifier from its manifest, into ONNX Runtime: TensorFlow Lite takes a fifth less CPU, but would be a second
 * runtime in a process that holds ONNX Runtime for Moonshine anyway.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`, `CONFIG_INVALID` for an unknown word.
 */
export async function createWakeHeavy(spec: WakeHeavySpec): Promise<Stage> {
  const model = loadManifest(spec.manifest);
  rawAudioOf(model);
  const labelled = new LabelledScores(spec.name, model, spec.words, spec.thresholds);
  return new WakeHeavy(spec, await loadEngine(model, 'onnx'), labelled);
}

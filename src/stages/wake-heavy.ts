import { logit, sigmoid } from '../core/calibration.js';
import type { Decision, Stage, Window } from '../core/stage.js';
import { type Engine, floatsNamed } from '../engines/engine.js';
import { loadEngine } from '../engines/load.js';
import { rawAudioOf } from '../models/front-end.js';
import { loadManifest, type Manifest } from '../models/manifest.js';
import type { Model } from '../models/model.js';
import { showEnd } from './audio-window.js';
import { LabelledScores } from './labelled.js';
import type { WakeHeavySpec } from './spec.js';

/** What tiny's score of a word counts as where it never named it, and how far from 0 and 1 it counts at most. */
const UNHEARD_SCORE = 0.01;

/**
 * Judges the end of a window of audio at once: which word it holds, if any. Keeps nothing between windows.
 *
 * What woke it is evidence too, from another model that heard other features: its logit is added to this one's, by a
 * weight of the manifest, before confidence is read off.
 */
class WakeHeavy implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #engine: Engine;
  readonly #labelled: LabelledScores;
  readonly #manifest: Manifest;
  readonly #joint: Float32Array;

  constructor(spec: WakeHeavySpec, { manifest }: Model, engine: Engine, labelled: LabelledScores) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#engine = engine;
    this.#labelled = labelled;
    this.#manifest = manifest;
    this.#joint = new Float32Array(manifest.labels.length);
  }

  async decide(window: Window): Promise<Decision> {
    showEnd(window, this.#engine);
    await this.#engine.run();
    const { outputs, model } = this.#engine;
    const scores = floatsNamed(outputs, outputs[0]?.name ?? '', model);
    return { ...this.#labelled.judge(this.#beside(window.noticed, scores)) };
  }

  /** The scores with those that woke it; as they are where it is not told of any. */
  #beside(noticed: Window['noticed'], scores: Float32Array): Float32Array {
    const { labels, verify } = this.#manifest;
    if (noticed === undefined || verify.tinyWeight === 0) return scores;
    labels.forEach((label, i) => {
      const named = noticed.get(label) ?? UNHEARD_SCORE;
      const tiny = Math.min(1 - UNHEARD_SCORE, Math.max(UNHEARD_SCORE, named));
      this.#joint[i] = sigmoid(logit(scores[i] ?? Number.NaN) + verify.tinyWeight * logit(tiny));
    });
    return this.#joint;
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
  return new WakeHeavy(spec, model, await loadEngine(model, 'onnx'), labelled);
}

import { logit } from '../../../core/cascade/calibration.js';
import { CatnapError } from '../../../core/errors.js';
import type { EncodedWindowFrontEnd } from '../../../models/front-end.js';
import type { Model } from '../../../models/manifest.js';
import { showLevelledEnd } from '../audio-window.js';
import { type EncodedModel, loadEncoded } from '../encoded.js';
import type { Opinion, Unavailable } from './opinion.js';

/** Whose opinion a verifier's manifest asks for, and how much it counts. */
export interface SecondModel {
  readonly kind: 'model';
  readonly model: Model;
  readonly frontEnd: EncodedWindowFrontEnd;
  readonly weight: number;
  /** How far from 0 its logit counts at most. */
  readonly most: number;
}

/** The opinion that a verifier's manifest asks for, or why it cannot be had. */
export type Second = SecondModel | Unavailable;

type Weight = Pick<SecondModel, 'weight' | 'most'>;

/** What a speech encoder makes of the window that a verifier judges: 0 of labels that its model does not know. */
export class SpeechOpinion implements Opinion {
  readonly least: number;
  readonly most: number;
  readonly #second: Weight;
  readonly #encoded: EncodedModel;
  /** Where each of the verifier's labels stands among this model's; -1 where it does not. */
  readonly #places: readonly number[];
  readonly #added: Float64Array;

  /**
   * @param labels the verifier's.
   * @param known those of the model that is asked, in the order of its scores.
   */
  constructor(second: Weight, labels: readonly string[], known: readonly string[], encoded: EncodedModel) {
    this.#second = second;
    this.#encoded = encoded;
    this.#places = labels.map((label) => known.indexOf(label));
    this.#added = new Float64Array(labels.length);
    this.most = second.weight * second.most;
    this.least = -this.most;
  }

  async of(data: Float32Array): Promise<Float64Array> {
    const { weight, most } = this.#second;
    const { frontEnd, input } = this.#encoded;
    showLevelledEnd(data, frontEnd, input);
    const scores = await this.#encoded.scores(input.length);
    this.#places.forEach((place, i) => {
      if (place < 0) return;
      const own = logit(scores[place] ?? Number.NaN);
      this.#added[i] = weight * Math.min(most, Math.max(-most, own));
    });
    return this.#added;
  }

  reset(): void {
    this.#encoded.reset();
  }

  async dispose(): Promise<void> {
    await this.#encoded.dispose();
  }
}

/**
 * Loads whose opinion a verifier's manifest asks for.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export async function loadSpeechOpinion({ manifest }: Model, second: Second): Promise<SpeechOpinion> {
  if (second.kind === 'unavailable') throw new CatnapError(second.code, second.message);
  const encoded = await loadEncoded(second.model, second.frontEnd);
  return new SpeechOpinion(second, manifest.labels, second.model.manifest.labels, encoded);
}

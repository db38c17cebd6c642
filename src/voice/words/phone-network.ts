import { CatnapError } from '../../core/errors.js';
import { onnxRuntime, openSession, type Session } from '../../engines/onnx.js';
import type { Model } from '../../models/manifest.js';
import { fileOf } from '../../models/model.js';
import { PhoneInventory, type Phones } from './phones.js';
import type { Posteriors } from './search.js';

/** Samples of each step of its output. */
export const STEP_SAMPLES = 320;
/** What the first step hears. */
const LEAST_SAMPLES = 400;

/** Whoever hears phones: the network itself, or several listeners that share it. */
export type PhoneEars = Pick<PhoneNetwork, 'inventory' | 'hear' | 'dispose'>;

/** The network that hears phones. It hears both sides of a sound: it is shown windows, not a stream. */
export class PhoneNetwork {
  private constructor(
    readonly inventory: PhoneInventory,
    private readonly session: Session,
    private readonly name: string,
  ) {}

  /** @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`. */
  static async load(model: Model): Promise<PhoneNetwork> {
    const { name, labels } = model.manifest;
    const session = await openSession(fileOf(model, 'onnx'));
    return new PhoneNetwork(new PhoneInventory(labels), session, name);
  }

  /**
   * Hears a window of mono audio at 16 kHz.
   * @throws CatnapError `MODEL_SHAPE` when the network gives something else than its labels say.
   */
  async hear(samples: Float32Array): Promise<Posteriors> {
    const { Tensor } = onnxRuntime();
    const shown = samples.length >= LEAST_SAMPLES ? samples : padded(samples);
    const { log_probs: found } = await this.session.run({
      samples: new Tensor('float32', shown, [1, 1, shown.length]),
    });
    const labels = this.inventory.labels.length;
    if (!(found?.data instanceof Float32Array) || found.dims[2] !== labels)
      throw new CatnapError('MODEL_SHAPE', `model ${this.name}: expected log_probs of ${labels} labels`);
    return { steps: found.data.length / labels, labels, logProbs: found.data };
  }

  /** The likeliest phones, one after the other; breaks between words are left out. */
  decode({ steps, labels, logProbs }: Posteriors): Phones {
    const { blank, wordBreak } = this.inventory;
    const phones: number[] = [];
    let last = blank;
    for (let step = 0; step < steps; step++) {
      let best = 0;
      for (let label = 1; label < labels; label++)
        if ((logProbs[step * labels + label] as number) > (logProbs[step * labels + best] as number))
          best = label;
      if (best !== last && best !== blank && best !== wordBreak) phones.push(best);
      last = best;
    }
    return phones;
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}

function padded(samples: Float32Array): Float32Array {
  const shown = new Float32Array(LEAST_SAMPLES);
  shown.set(samples);
  return shown;
}

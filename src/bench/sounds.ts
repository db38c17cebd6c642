import { readAudio } from '../sources/recording/read-audio.js';
import { pinkNoise, seededRandom } from './audio.js';

/** Decoded recordings kept: a few seconds each. */
const SOUNDS_KEPT = 16;

/** The folder's recordings of a kind, decoded when picked. */
export class Sounds {
  readonly #kept = new Map<string, Float32Array>();

  constructor(private readonly recordings: readonly { readonly path: string }[]) {}

  /** One of them; pink noise where the folder has none. */
  async pick(random: () => number): Promise<Float32Array> {
    const chosen = this.recordings[Math.floor(random() * this.recordings.length)];
    return chosen === undefined ? pinkNoise(random) : this.#read(chosen.path);
  }

  /** The one for `name`, always the same; null where the folder has none. */
  async one(name: string): Promise<Float32Array | null> {
    return this.recordings.length === 0 ? null : this.pick(seededRandom(`before ${name}`));
  }

  async #read(path: string): Promise<Float32Array> {
    const known = this.#kept.get(path);
    if (known !== undefined) return known;
    const samples = await readAudio(path);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size >= SOUNDS_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    this.#kept.set(path, samples);
    return samples;
  }
}

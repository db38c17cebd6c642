import { samplesIn } from '../../../core/signal/duration.js';
import type { Model } from '../../../models/manifest.js';
import { type PhoneEars, PhoneNetwork, STEP_SAMPLES } from '../../words/phone-network.js';
import type { Phones } from '../../words/phones.js';
import { type Match, WordSearch } from '../../words/search.js';
import type { Opinion } from './opinion.js';

/** How a word is said, and how long it goes on once its last phone has begun. */
export interface SpokenWord {
  readonly phones: Phones;
  readonly lastPhoneMs: number;
}

/** By whose hearing a verifier's manifest asks for words to be judged by how they are said, and which words. */
export interface PhonesModel {
  readonly kind: 'model';
  readonly model: Model;
  /** What it adds to a word's logit for each unit by which the word fits better than `even`, or takes where worse. */
  readonly weight: number;
  /** How well a word fits, by {@link Match.score}, that speaks neither for nor against it. */
  readonly even: number;
  /** What it adds or takes at most. */
  readonly most: number;
  readonly words: Readonly<Record<string, SpokenWord>>;
}

/** A word is looked for in so much of the end of a window. */
const LOOK_MS = 1800;
/** What fits worse is somewhere else: the worst of 130 words of people 10 dB above noise fits by -2.4. */
const LEAST_SCORE = -3;

/**
 * How well words fit the phones that were said: added to the logits of those that do, taken from those that sound
 * otherwise, and where a believed one ends. The network was trained on other people than the verifier, and so misses
 * others. A model that names words scores them for as long as it was shown them in training, and later where
 * a word is said fast, but the last phone begins when it begins.
 */
export class PhoneOpinion implements Opinion {
  readonly least: number;
  readonly most: number;
  readonly #search: WordSearch;
  readonly #added: Float64Array;
  readonly #found: (Match | null)[];
  /** Where the look began that was heard last. */
  #from = 0;

  /** @param labels the verifier's; those that are not spelled stay as they are, and their end is not known. */
  constructor(
    private readonly ears: Pick<PhoneEars, 'inventory' | 'hear' | 'dispose'>,
    private readonly asked: Omit<PhonesModel, 'kind' | 'model'>,
    private readonly labels: readonly string[],
    private readonly rateHz: number,
  ) {
    this.least = -asked.most;
    this.most = asked.most;
    this.#search = new WordSearch(ears.inventory);
    this.#added = new Float64Array(labels.length);
    this.#found = labels.map(() => null);
  }

  async of(data: Float32Array): Promise<Float64Array> {
    const { weight, even, most, words } = this.asked;
    this.#from = Math.max(0, data.length - samplesIn(LOOK_MS, this.rateHz));
    this.#search.load(await this.ears.hear(data.subarray(this.#from)));
    this.labels.forEach((label, i) => {
      const word = words[label];
      const match = word === undefined ? null : this.#search.find(word.phones);
      this.#found[i] = match;
      const fit = match === null ? 0 : weight * (match.score - even);
      this.#added[i] = Math.min(most, Math.max(-most, fit));
    });
    return this.#added;
  }

  /** Sample at which a word of the window heard last ends; null of one not known, or that sounds otherwise. */
  endOf(label: string): number | null {
    const match = this.#found[this.labels.indexOf(label)] ?? null;
    const word = this.asked.words[label];
    if (match === null || word === undefined || match.score < LEAST_SCORE) return null;
    return this.#from + match.end * STEP_SAMPLES + samplesIn(word.lastPhoneMs, this.rateHz);
  }

  reset(): void {}

  async dispose(): Promise<void> {
    await this.ears.dispose();
  }
}

/** @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`. */
export async function loadPhoneOpinion(
  asked: PhonesModel,
  labels: readonly string[],
  rateHz: number,
): Promise<PhoneOpinion> {
  return new PhoneOpinion(await PhoneNetwork.load(asked.model), asked, labels, rateHz);
}

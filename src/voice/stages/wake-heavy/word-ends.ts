import { samplesIn } from '../../../core/signal/duration.js';
import type { Model } from '../../../models/manifest.js';
import { type PhoneEars, PhoneNetwork, STEP_SAMPLES } from '../../words/phone-network.js';
import type { Phones } from '../../words/phones.js';
import { WordSearch } from '../../words/search.js';

/** How a word is said, and how long it goes on once its last phone has begun. */
export interface SpokenWord {
  readonly phones: Phones;
  readonly lastPhoneMs: number;
}

/** By whose hearing a verifier's manifest asks for words' ends to be found, and of which words. */
export interface EndsModel {
  readonly kind: 'model';
  readonly model: Model;
  readonly words: Readonly<Record<string, SpokenWord>>;
}

/** A word is looked for in so much of the end of a window. */
const LOOK_MS = 1800;
/** What fits worse is somewhere else: the worst of 130 words of people 10 dB above noise fits by -2.4. */
const LEAST_SCORE = -3;

/**
 * Finds where a word that was believed ends, by its phones: a model that names words scores them for as long as it was
 * shown them in training, and later where a word is said fast, but the last phone begins when it begins.
 */
export class WordEnds {
  readonly #search: WordSearch;

  /** @param words by label; the end of others is not known. */
  constructor(
    private readonly ears: Pick<PhoneEars, 'inventory' | 'hear' | 'dispose'>,
    private readonly words: Readonly<Record<string, SpokenWord>>,
    private readonly rateHz: number,
  ) {
    this.#search = new WordSearch(ears.inventory);
  }

  /** Sample of a window at which a word ends; null of one that is not known, or does not sound as it is said. */
  async in(data: Float32Array, label: string): Promise<number | null> {
    const word = this.words[label];
    if (word === undefined) return null;
    const from = Math.max(0, data.length - samplesIn(LOOK_MS, this.rateHz));
    this.#search.load(await this.ears.hear(data.subarray(from)));
    const { score, end } = this.#search.find(word.phones);
    if (score < LEAST_SCORE) return null;
    return from + end * STEP_SAMPLES + samplesIn(word.lastPhoneMs, this.rateHz);
  }

  async dispose(): Promise<void> {
    await this.ears.dispose();
  }
}

/** @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`. */
export async function loadWordEnds({ model, words }: EndsModel, rateHz: number): Promise<WordEnds> {
  return new WordEnds(await PhoneNetwork.load(model), words, rateHz);
}

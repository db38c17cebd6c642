import { MoonshineNetwork } from '../stages/moonshine/network.js';
import { readTokens } from '../stages/moonshine/tokens.js';

/**
 * What a phrase counts at least, however unlikely its reading: a name or a word of another language cannot be read at
 * all, and is then believed where hardly anything is wrong with its sounds. With a lower one no less was believed
 * wrongly (chosen with the reader's share in `own-words-heavy.ts`).
 */
const LEAST_LOG_PROBABILITY = -11;

/** Says how likely a stretch of speech is to have been written so. */
export interface PhraseReader {
  /** Natural logarithm of the probability of the phrase's letters, of its likeliest spelling; 0 at best. */
  logProbability(phrase: string, samples: Float32Array): Promise<number>;
  dispose(): Promise<void>;
}

/**
 * Moonshine as a reader: its decoder is made to write the phrase, and the probabilities of what it would have had to
 * write are multiplied (teacher forcing).
 */
class MoonshineReader implements PhraseReader {
  readonly #tokens = new Map<string, readonly (readonly number[])[]>();

  constructor(
    private readonly network: MoonshineNetwork,
    private readonly encode: (text: string) => readonly number[],
  ) {}

  async logProbability(phrase: string, samples: Float32Array): Promise<number> {
    const heard = await this.network.hear(samples);
    return this.network.forceLikeliest(heard, this.#spellings(phrase), LEAST_LOG_PROBABILITY);
  }

  async dispose(): Promise<void> {
    await this.network.release();
  }

  /** As a recogniser may write it: at the beginning of a sentence, within one, as a call. */
  #spellings(phrase: string): readonly (readonly number[])[] {
    const known = this.#tokens.get(phrase);
    if (known !== undefined) return known;
    const plain = phrase.toLowerCase().replaceAll('_', ' ');
    const capital = plain.charAt(0).toUpperCase() + plain.slice(1);
    const titled = plain.replace(/(^|\s)\p{L}/gu, (first) => first.toUpperCase());
    const called = capital.replace(' ', ', ');
    const texts = [...new Set([plain, capital, titled, called])];
    const tokens = texts.map((text) => this.encode(text));
    this.#tokens.set(phrase, tokens);
    return tokens;
  }
}

/** Loads the reader. @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`. */
export async function readPhrases(): Promise<PhraseReader> {
  const tokens = readTokens();
  return new MoonshineReader(await MoonshineNetwork.open(), (text) => tokens.encode(text));
}

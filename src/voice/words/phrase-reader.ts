import { mulberry32 } from '../../core/random.js';
import { VOICE_RATE_HZ } from '../../sources/mono.js';
import { MoonshineNetwork } from '../stages/moonshine/network.js';
import { readTokens, type Tokens } from '../stages/moonshine/tokens.js';

/**
 * What a phrase counts at least, however unlikely its reading: a name or a word of another language cannot be read at
 * all, and is then believed where hardly anything is wrong with its sounds.
 */
const LEAST_SCORE = -11;
/**
 * How much it counts that a phrase is likelier or less likely than this where nothing is said: a recogniser makes an
 * everyday phrase of any sound, and never a rare one. Chosen with the reader's share in `own-words-heavy.ts`.
 */
const PRIOR_SHARE = 1 / 2;
const EVEN_PRIOR = -14;
/** No phrase is taken for less likely than this. */
const LEAST_PRIOR = -40;
/** A second of faint noise: nothing is said in it. */
const NOTHING_SAID_SAMPLES = VOICE_RATE_HZ;
const NOISE_PEAK = 0.01;
/** Says how likely a stretch of speech is to have been written so. */
export interface PhraseReader {
  /**
   * Natural logarithm of the probability of the phrase's letters, of its likeliest spelling, more for a phrase that
   * nobody would read into noise and less for one that anybody would; from -11 to 0.
   */
  score(phrase: string, samples: Float32Array): Promise<number>;
  dispose(): Promise<void>;
}

/**
 * Moonshine as a reader: its decoder is made to write the phrase, and the probabilities of what it would have had to
 * write are multiplied (teacher forcing).
 */
class MoonshineReader implements PhraseReader {
  readonly #known = new Map<string, readonly (readonly number[])[]>();
  readonly #priors = new Map<string, number>();
  /** What is heard where nothing is said. */
  #nothing: ReturnType<MoonshineNetwork['hear']> | null = null;

  constructor(
    private readonly network: MoonshineNetwork,
    private readonly tokens: Tokens,
  ) {}

  async score(phrase: string, samples: Float32Array): Promise<number> {
    const bonus = PRIOR_SHARE * (EVEN_PRIOR - (await this.prior(phrase)));
    const heard = await this.network.hear(samples);
    const read = await this.network.forceLikeliest(heard, this.#spellings(phrase), LEAST_SCORE - bonus);
    return Math.min(0, read + bonus);
  }

  /** How likely the phrase is read where nothing is said. */
  async prior(phrase: string): Promise<number> {
    const known = this.#priors.get(phrase);
    if (known !== undefined) return known;
    this.#nothing ??= this.network.hear(nothingSaid());
    const prior = await this.network.forceLikeliest(
      await this.#nothing,
      this.#spellings(phrase),
      LEAST_PRIOR,
    );
    this.#priors.set(phrase, prior);
    return prior;
  }

  async dispose(): Promise<void> {
    await this.network.release();
  }

  /** As a recogniser may write it: at the beginning of a sentence, within one, as a call. */
  #spellings(phrase: string): readonly (readonly number[])[] {
    const known = this.#known.get(phrase);
    if (known !== undefined) return known;
    const plain = phrase.toLowerCase().replaceAll('_', ' ');
    const capital = plain.charAt(0).toUpperCase() + plain.slice(1);
    const titled = plain.replace(/(^|\s)\p{L}/gu, (first) => first.toUpperCase());
    const called = capital.replace(' ', ', ');
    const texts = [...new Set([plain, capital, titled, called])];
    const tokens = texts.map((text) => this.tokens.encode(text));
    this.#known.set(phrase, tokens);
    return tokens;
  }
}

function nothingSaid(): Float32Array {
  const random = mulberry32(1);
  return Float32Array.from({ length: NOTHING_SAID_SAMPLES }, () => NOISE_PEAK * (2 * random() - 1));
}

/**
 * Loads the reader.
 * @param phrases what it will be asked about, so that its first answer is no slower than the others.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`.
 */
export async function readPhrases(phrases: readonly string[] = []): Promise<PhraseReader> {
  const reader = new MoonshineReader(await MoonshineNetwork.open(), readTokens());
  for (const phrase of phrases) await reader.prior(phrase);
  return reader;
}

import { mulberry32 } from '../../core/random.js';
import { MOONSHINE_TINY } from '../../models/moonshine.js';
import { VOICE_RATE_HZ } from '../../sources/mono.js';
import { raised } from '../stages/moonshine/level.js';
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
/** A word takes no more tokens; more is a decoder that runs on by itself. */
const MOST_WRITTEN = 12;

/** Says how likely a stretch of speech is to have been written so. */
export interface PhraseReader {
  /**
   * Natural logarithm of the probability of the phrase's letters, of its likeliest spelling, more for a phrase that
   * nobody would read into noise and less for one that anybody would; from -11 to 0.
   */
  score(phrase: string, samples: Float32Array): Promise<number>;
  dispose(): Promise<void>;
}

/** A reader that also says what it would write by itself. */
export interface PhraseWriter extends PhraseReader {
  /** What it writes of a single word, in lower case; '' where it writes no letters. */
  write(samples: Float32Array): Promise<string>;
}

/**
 * Moonshine as a reader: its decoder is made to write the phrase, and the probabilities of what it would have had to
 * write are multiplied (teacher forcing).
 */
class MoonshineReader implements PhraseWriter {
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

  async write(samples: Float32Array): Promise<string> {
    const { startToken, endToken } = MOONSHINE_TINY;
    const memory = await this.network.hear(raised(samples));
    const written: number[] = [];
    let logits = await this.network.write(memory, startToken);
    // A single word is often read as nothing.
    logits[endToken] = Number.NEGATIVE_INFINITY;
    while (written.length < MOST_WRITTEN) {
      const token = logits.indexOf(Math.max(...logits));
      if (token === endToken) break;
      written.push(token);
      logits = await this.network.write(memory, token);
    }
    return plainly(this.tokens.decode(written));
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

/** Letters of what was read, without the signs of a sentence. */
function plainly(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\d'\s-]/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim();
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
export async function readPhrases(phrases: readonly string[] = []): Promise<PhraseWriter> {
  const reader = new MoonshineReader(await MoonshineNetwork.open(), readTokens());
  for (const phrase of phrases) await reader.prior(phrase);
  return reader;
}

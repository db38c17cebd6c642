import type * as Ort from 'onnxruntime-node';
import { CatnapError } from '../../core/errors.js';
import { onnxRuntime, openSession, type Session } from '../../engines/onnx.js';
import { MOONSHINE_TINY, moonshineFile } from '../../models/moonshine.js';
import { emptyCache } from '../stages/moonshine/decoder-cache.js';
import { readTokens } from '../stages/moonshine/tokens.js';

const NAME = 'moonshine-tiny';
/** The encoder's convolutions need this much to give one frame. */
const LEAST_SAMPLES = 4_000;
/** A phrase that cannot be read at all. */
const LEAST_LOG_PROBABILITY = -40;

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
    private readonly encoder: Session,
    private readonly decoder: Session,
    private readonly encode: (text: string) => readonly number[],
  ) {}

  async logProbability(phrase: string, samples: Float32Array): Promise<number> {
    const { Tensor } = onnxRuntime();
    const shown = samples.length >= LEAST_SAMPLES ? samples : padded(samples);
    const input = new Tensor('float32', shown, [1, shown.length]);
    const { last_hidden_state: hidden } = await this.encoder.run({ input_values: input });
    if (hidden === undefined)
      throw new CatnapError('MODEL_SHAPE', `model ${NAME}: expected last_hidden_state`);
    let best = LEAST_LOG_PROBABILITY;
    for (const tokens of this.#spellings(phrase)) best = Math.max(best, await this.#force(tokens, hidden));
    return best;
  }

  async dispose(): Promise<void> {
    await this.encoder.release();
    await this.decoder.release();
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

  async #force(tokens: readonly number[], hidden: Ort.Tensor): Promise<number> {
    const { Tensor } = onnxRuntime();
    const shown = [MOONSHINE_TINY.startToken, ...tokens.slice(0, -1)];
    const { logits } = await this.decoder.run({
      ...emptyCache(),
      input_ids: new Tensor('int64', BigInt64Array.from(shown, BigInt), [1, shown.length]),
      encoder_hidden_states: hidden,
      use_cache_branch: new Tensor('bool', Uint8Array.of(0), [1]),
    });
    if (!(logits?.data instanceof Float32Array))
      throw new CatnapError('MODEL_SHAPE', `model ${NAME}: tensor "logits": expected float32`);
    const width = logits.data.length / shown.length;
    let sum = 0;
    for (const [step, token] of tokens.entries())
      sum += logSoftmax(logits.data.subarray(step * width, (step + 1) * width), token);
    return sum;
  }
}

function logSoftmax(logits: Float32Array, token: number): number {
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) most = Math.max(most, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  return (logits[token] ?? Number.NEGATIVE_INFINITY) - most - Math.log(sum);
}

function padded(samples: Float32Array): Float32Array {
  const shown = new Float32Array(LEAST_SAMPLES);
  shown.set(samples);
  return shown;
}

/** Loads the reader. @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`. */
export async function readPhrases(): Promise<PhraseReader> {
  const tokens = readTokens();
  return new MoonshineReader(
    await openSession(moonshineFile('encoder')),
    await openSession(moonshineFile('decoder')),
    (text) => tokens.encode(text),
  );
}

import type { StageSpec } from '../../../core/cascade/assembly.js';
import type { Piece, Recogniser, Recognition, Window } from '../../../core/cascade/stage.js';
import { CatnapError } from '../../../core/errors.js';
import { loudSpan } from '../../../dsp/trim.js';
import { MOONSHINE_TINY } from '../../../models/moonshine.js';
import { behindWakeWord } from '../after-word.js';
import { raised } from './level.js';
import { MoonshineNetwork } from './network.js';
import { readTokens, type Tokens } from './tokens.js';

/** As data, for a thread or process that loads no schemas. */
export interface MoonshineSpec extends StageSpec {
  readonly kind: 'moonshine';
}

declare module '../stage-kind.js' {
  interface RecogniserSpecs {
    moonshine: MoonshineSpec;
  }
}

const RATE_HZ = 16_000;
/** Beyond this Moonshine was not trained. */
const MOST_SAMPLES = RATE_HZ * 30;
/** Speech has fewer tokens a second; more is the decoder running on by itself (the npm package's own limit). */
const TOKENS_PER_SECOND = 6;
const LEAST_TOKENS = 6;
/** How far below the loudest 20 ms an utterance's edge may be, and what is kept beyond it. */
const EDGE_DB = 30;
const EDGE_KEEP_MS = 150;
/**
 * When the decoder's first choice is the end but it is less sure of that than this, it is made to say at
 * least one token. Measured: with the edges trimmed, it gives noise 0.93 or more, and isolated words mostly less.
 */
const SURELY_NOTHING = 0.85;
/**
 * A few words, and words that had to be asked for in this way, are believed from this mean token probability on.
 * Measured on environmental noise: where it brought words at all they were few, at 0.53 or less; three quarters of
 * isolated words get more than 0.57.
 */
const FEW_WORDS = 3;
const LEAST_OF_FEW = 0.55;
/**
 * The same tokens in a row are a decoder caught in a loop, not speech: one or two of them four times, more
 * three times.
 */
const LOOP_TOKENS = 12;
const loopRepeats = (tokens: number) => (tokens <= 2 ? 4 : 3);

/**
 * How much surer the utterance alone has to be understood than behind its wake word. Measured: 8.1% of the words of 33
 * joined orders otherwise than alone when the word was sought in the text, 7.2% so.
 */
const SURER = 0.15;
/** Natural logarithm of a wake word's probability below which it is not what was said; those said had -11 or more. */
const UNHEARD = -16;

interface Decoding {
  readonly tokens: readonly number[];
  /** Geometric mean of the tokens' probabilities. */
  readonly confidence: number;
  /** How each token was chosen, and the end where it came. */
  readonly pieces: readonly Piece[];
  /** The decoder wanted to end at once and was not let. */
  readonly forced: boolean;
}

/**
 * Moonshine tiny: speech of up to 30 s to English text, greedily, with cached keys and values.
 *
 * It often says nothing to a single isolated word. Two things help without making it hear words in noise:
 * silence around the word is cut away, and an end that the decoder is not sure of is not taken at once.
 * A transcript that runs in a loop, holds no letters, or is a few unsure words is reported as empty.
 */
class MoonshineRecogniser implements Recogniser {
  readonly name: string;
  readonly budgetMs: number;
  readonly #network: MoonshineNetwork;
  readonly #tokens: Tokens;

  constructor(spec: MoonshineSpec, network: MoonshineNetwork, tokens: Tokens) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#network = network;
    this.#tokens = tokens;
  }

  /**
   * What follows the wake word in one breath is understood best together with it: the word is written for the decoder,
   * which goes on from there. The utterance alone is taken where it is understood with more confidence, and where the
   * word was not to be heard.
   */
  async recognise(window: Window, signal: AbortSignal): Promise<Recognition> {
    const { wakeWord } = window;
    if (wakeWord === undefined) return this.#understand(window, signal);
    const written = this.#tokensOf(wakeWord.label);
    const after = await this.#understandBehind(behindWakeWord(window, wakeWord), written, signal);
    if (after === 'unheard') return this.#understand(window, signal);
    if (after.kind !== 'transcript' || after.confidence + SURER > 1) return after;
    const alone = await this.#understand(window, signal);
    return alone.kind === 'transcript' && alone.confidence > after.confidence + SURER ? alone : after;
  }

  /** A wake word as it is written before an order. */
  #tokensOf(label: string): readonly number[] {
    const plain = label.replaceAll('_', ' ');
    return this.#tokens.encode(`${plain.charAt(0).toUpperCase()}${plain.slice(1)},`);
  }

  async #understand(window: Window, signal: AbortSignal): Promise<Recognition> {
    const understood = await this.#understandBehind(window, [], signal);
    return understood === 'unheard' ? { kind: 'empty', stage: this.name } : understood;
  }

  /** What is said behind what is `written` already; `unheard` where that is not what is said. */
  async #understandBehind(
    window: Window,
    written: readonly number[],
    signal: AbortSignal,
  ): Promise<Recognition | 'unheard'> {
    const span = loudSpan(window.data, window.rateHz, EDGE_DB, EDGE_KEEP_MS);
    const speech = window.data.subarray(span.start, Math.min(span.end, span.start + MOST_SAMPLES));
    if (speech.some((sample) => !Number.isFinite(sample))) {
      return { kind: 'abstain', stage: this.name, code: 'MODEL_OUTPUT' };
    }
    let found: Decoding | 'unheard' | null;
    try {
      found = await this.#decode(raised(speech), written, signal);
    } catch (error) {
      if (signal.aborted) return { kind: 'abstain', stage: this.name, code: 'STAGE_TIMEOUT' };
      if (error instanceof CatnapError) return { kind: 'abstain', stage: this.name, code: error.code };
      return { kind: 'abstain', stage: this.name, code: 'MODEL_OUTPUT' };
    }
    return found === 'unheard' ? found : this.#recognition(found);
  }

  #recognition(found: Decoding | null): Recognition {
    if (found === null || loops(found.tokens)) return { kind: 'empty', stage: this.name };
    const text = this.#tokens.decode(found.tokens).trim();
    if (!/\p{Script=Latin}/u.test(text)) return { kind: 'empty', stage: this.name };
    const few = found.forced || text.split(/\s+/u).length <= FEW_WORDS;
    if (few && found.confidence < LEAST_OF_FEW) return { kind: 'empty', stage: this.name };
    const { confidence, pieces } = found;
    return { kind: 'transcript', stage: this.name, text, confidence, pieces };
  }

  /** Null where the decoder is sure that nothing was said. */
  async #decode(
    samples: Float32Array,
    written: readonly number[],
    signal: AbortSignal,
  ): Promise<Decoding | 'unheard' | null> {
    const { startToken, endToken } = MOONSHINE_TINY;
    const memory = await this.#network.hear(samples);
    const most = Math.max(LEAST_TOKENS, Math.floor((samples.length / RATE_HZ) * TOKENS_PER_SECOND));
    const tokens: number[] = [];
    const pieces: Piece[] = [];
    let forced = false;
    // The last token is written by the first step.
    if ((await this.#network.force(memory, written)) < UNHEARD) return 'unheard';
    let next: number = written.at(-1) ?? startToken;
    for (let step = 0; step < most; step++) {
      signal.throwIfAborted();
      const logits = await this.#network.write(memory, next);
      let choice = best(logits);
      if (step === 0 && choice.token === endToken) {
        if (written.length > 0 || choice.probability >= SURELY_NOTHING) return null;
        logits[endToken] = Number.NEGATIVE_INFINITY;
        forced = true;
        const word = best(logits);
        const end = choice.probability;
        choice = { ...word, probability: word.probability * (1 - end), next: end };
      }
      const { token: _, ...piece } = choice;
      pieces.push(piece);
      if (choice.token === endToken) break;
      tokens.push(choice.token);
      next = choice.token;
    }
    return decoding(tokens, pieces, forced);
  }

  async dispose(): Promise<void> {
    await this.#network.release();
  }
}

function decoding(tokens: readonly number[], pieces: readonly Piece[], forced: boolean): Decoding {
  const logProbability = pieces.reduce((sum, { probability }) => sum + Math.log(probability), 0);
  return { tokens, pieces, confidence: Math.exp(logProbability / (tokens.length + 1)), forced };
}

/** The likeliest token, and how likely it and the next are, by a softmax over the logits. */
function best(logits: Float32Array): Piece & { readonly token: number } {
  let token = 0;
  let most = Number.NEGATIVE_INFINITY;
  let second = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < logits.length; i++) {
    const logit = logits[i] as number;
    if (logit > most) {
      second = most;
      most = logit;
      token = i;
    } else if (logit > second) second = logit;
  }
  let sum = 0;
  let weighted = 0;
  for (let i = 0; i < logits.length; i++) {
    const below = (logits[i] as number) - most;
    const odds = Math.exp(below);
    sum += odds;
    // An end that was forbidden has odds of 0 and a logit of minus infinity.
    if (odds > 0) weighted += odds * below;
  }
  const open = Math.log(sum) - weighted / sum;
  return { token, probability: 1 / sum, next: Math.exp(second - most) / sum, open };
}

/** Whether the same tokens repeat at the end of the text more often than people do. */
export function loops(tokens: readonly number[]): boolean {
  for (let period = 1; period <= LOOP_TOKENS; period++) {
    const length = period * loopRepeats(period);
    const tail = tokens.slice(-length);
    if (tail.length === length && tail.every((token, i) => token === tail[i % period])) return true;
  }
  return false;
}

/**
 * Loads Moonshine tiny from its npm package.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`.
 */
export async function createMoonshine(spec: MoonshineSpec): Promise<Recogniser> {
  return new MoonshineRecogniser(spec, await MoonshineNetwork.open(), readTokens());
}

import { dirname } from 'node:path';
import type * as Ort from 'onnxruntime-node';
import { CatnapError } from '../../../core/errors.js';
import { onnxRuntime, openSession, type Session } from '../../../engines/onnx.js';
import { checkModelFile } from '../../../models/model-file.js';
import { MOONSHINE_TINY, moonshineFile, moonshineGraph } from '../../../models/moonshine.js';

const NAME = 'model moonshine-tiny';
const RATE_HZ = 16_000;
/** The encoder's convolutions need this much to give one frame. */
const LEAST_SAMPLES = RATE_HZ / 4;

/** Keys and values of what was heard and of what has been written so far. */
export type Memory = Record<string, Ort.Tensor>;

/**
 * Moonshine tiny as it is run here (`models/moonshine/`): the encoder hears, what every step attends to is computed
 * once, and the decoder writes token by token.
 */
export class MoonshineNetwork {
  private constructor(
    private readonly encoder: Session,
    private readonly cross: Session,
    private readonly decoder: Session,
  ) {}

  /** @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`. */
  static async open(): Promise<MoonshineNetwork> {
    // Both cuts of the decoder take their weights from it.
    const weights = moonshineFile('decoder');
    checkModelFile(weights);
    const tensorsFolder = dirname(weights.path);
    return new MoonshineNetwork(
      await openSession(moonshineFile('encoder')),
      await openSession(moonshineGraph('cross'), { tensorsFolder }),
      await openSession(moonshineGraph('decoder'), { tensorsFolder }),
    );
  }

  /** Hears mono audio at 16 kHz; nothing is written yet. */
  async hear(samples: Float32Array): Promise<Memory> {
    const { Tensor } = onnxRuntime();
    const shown = samples.length >= LEAST_SAMPLES ? samples : padded(samples);
    const input = new Tensor('float32', shown, [1, shown.length]);
    const { last_hidden_state: frames } = await this.encoder.run({ input_values: input });
    if (frames === undefined)
      throw new CatnapError('MODEL_SHAPE', `${NAME}: tensor "last_hidden_state": expected it, found none`);
    const memory: Memory = {};
    keep(memory, await this.cross.run({ encoder_hidden_states: frames }));
    const { layers, heads, headSize } = MOONSHINE_TINY;
    for (let layer = 0; layer < layers; layer++) {
      for (const side of ['key', 'value'])
        memory[`past_key_values.${layer}.decoder.${side}`] = new Tensor('float32', new Float32Array(0), [
          1,
          heads,
          0,
          headSize,
        ]);
    }
    return memory;
  }

  /** Logits of each token to come after `token`, which is remembered as written. */
  async write(memory: Memory, token: number): Promise<Float32Array> {
    const { Tensor } = onnxRuntime();
    const input_ids = new Tensor('int64', BigInt64Array.of(BigInt(token)), [1, 1]);
    const { logits, ...present } = await this.decoder.run({ ...memory, input_ids });
    if (!(logits?.data instanceof Float32Array))
      throw new CatnapError(
        'MODEL_SHAPE',
        `${NAME}: tensor "logits": expected float32, found ${logits?.type}`,
      );
    keep(memory, present);
    return logits.data;
  }

  /**
   * Has the first tokens of a text written, whatever it would write itself, and remembers them; natural logarithm of
   * their probability.
   */
  force(memory: Memory, tokens: readonly number[]): Promise<number> {
    return this.#force(memory, [MOONSHINE_TINY.startToken, ...tokens], 0, Number.NEGATIVE_INFINITY);
  }

  /**
   * Natural logarithm of the probability of the likeliest of several texts, as {@link force} has it. The one that
   * begins likeliest goes first, and one is given up where no ending can make it likelier than what is found.
   * @param least what is answered where all are less likely.
   */
  async forceLikeliest(
    memory: Memory,
    texts: readonly (readonly number[])[],
    least: number,
  ): Promise<number> {
    const start = { ...memory };
    const firsts = logProbabilities(await this.write(start, MOONSHINE_TINY.startToken));
    const begun = texts.map((tokens) => ({ tokens, begins: firsts(tokens[0] ?? MOONSHINE_TINY.endToken) }));
    let best = least;
    for (const { tokens, begins } of begun.sort((a, b) => b.begins - a.begins))
      best = Math.max(best, await this.#force({ ...start }, tokens, begins, best));
    return best;
  }

  /** Has what follows the first of these tokens written, as long as the text is likelier than `least`. */
  async #force(memory: Memory, tokens: readonly number[], begins: number, least: number): Promise<number> {
    let sum = begins;
    for (const [at, token] of tokens.slice(1).entries()) {
      if (sum <= least) break;
      sum += logProbabilities(await this.write(memory, tokens[at] as number))(token);
    }
    return sum;
  }

  async release(): Promise<void> {
    await this.encoder.release();
    await this.cross.release();
    await this.decoder.release();
  }
}

/** Natural logarithm of the probability of each token, of the logits of all. */
function logProbabilities(logits: Float32Array): (token: number) => number {
  let most = Number.NEGATIVE_INFINITY;
  for (const logit of logits) most = Math.max(most, logit);
  let sum = 0;
  for (const logit of logits) sum += Math.exp(logit - most);
  const whole = most + Math.log(sum);
  return (token) => (logits[token] ?? Number.NEGATIVE_INFINITY) - whole;
}

function keep(memory: Memory, present: Ort.InferenceSession.OnnxValueMapType): void {
  for (const [name, value] of Object.entries(present))
    memory[name.replace('present', 'past_key_values')] = value as Ort.Tensor;
}

function padded(samples: Float32Array): Float32Array {
  const shown = new Float32Array(LEAST_SAMPLES);
  shown.set(samples);
  return shown;
}

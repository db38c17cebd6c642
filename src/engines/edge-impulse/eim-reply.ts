import { CatnapError } from '../../core/errors.js';
import { parseJson, valueAt } from '../../core/json.js';

/** What an exported impulse says of itself (`edge-impulse-linux`: `RunnerHelloResponseModelParameters`). */
export interface Impulse {
  readonly rateHz: number;
  /** Values of a whole window, and from one question to the next. */
  readonly windowSamples: number;
  readonly sliceSamples: number;
  /** It is given slices and keeps the features of those before; else a whole window each time. */
  readonly isContinuous: boolean;
  readonly labels: readonly string[];
}

/** `EI_CLASSIFIER_SENSOR_MICROPHONE` of the exported firmware. */
const MICROPHONE = 1;
/** How often each sound is looked at by one that is asked for whole windows, as by the SDK's default of slices. */
const LOOKS = 4;

/**
 * Reads the answer to `hello`.
 * @throws CatnapError `MODEL_SHAPE` for an impulse that does not name what it hears.
 */
export function impulseOf(model: string, reply: unknown): Impulse {
  const parameters = valueAt(reply, ['model_parameters']);
  const found = (key: string) => valueAt(parameters, [key]);
  const refuse = (what: string, expected: string, value: unknown): never => {
    const said = JSON.stringify(value) ?? 'nothing';
    throw new CatnapError('MODEL_SHAPE', `model ${model}: ${what}: expected ${expected}, found ${said}`);
  };
  const whole = (key: string): number => {
    const value = found(key);
    return typeof value === 'number' && Number.isInteger(value) && value > 0
      ? value
      : refuse(key, 'a whole number above 0', value);
  };
  const type = found('model_type');
  if (type !== 'classification') refuse('model_type', '"classification"', type);
  if (found('sensor') !== MICROPHONE) refuse('sensor', `${MICROPHONE}, a microphone`, found('sensor'));
  const labels = found('labels');
  if (!isTexts(labels)) return refuse('labels', 'a list of names', labels);
  const windowSamples = whole('input_features_count');
  const isContinuous = found('use_continuous_mode') === true;
  const sliceSamples = isContinuous ? whole('slice_size') : Math.ceil(windowSamples / LOOKS);
  if (isContinuous && windowSamples % sliceSamples !== 0)
    refuse('slice_size', `a part of ${windowSamples}`, sliceSamples);
  return { rateHz: whole('frequency'), windowSamples, sliceSamples, isContinuous, labels };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((each) => typeof each === 'string');
}

/**
 * The scores of an answer, in the order of the labels.
 * @throws CatnapError `MODEL_OUTPUT` where one is missing.
 */
export function scoresOf(model: string, labels: readonly string[], reply: unknown): readonly number[] {
  return labels.map((label) => {
    const score = valueAt(reply, ['result', 'classification', label]);
    if (typeof score === 'number' && Number.isFinite(score)) return score;
    const found = JSON.stringify(score) ?? 'nothing';
    throw new CatnapError(
      'MODEL_OUTPUT',
      `model ${model}: expected a score of "${label}", found ${found.slice(0, 80)}`,
    );
  });
}

/** An answer is a few hundred bytes; what is longer without an end is none. */
const MOST_BYTES = 1 << 20;

/** Cuts a stream of bytes into JSON texts, one a line or one a NUL, however they are split on their way. */
export class ReplyReader {
  #pending = Buffer.alloc(0);

  constructor(private readonly model: string) {}

  /**
   * The answers that these bytes complete.
   * @throws CatnapError `MODEL_OUTPUT` for a line that is no JSON, or that does not end.
   */
  push(bytes: Buffer): readonly unknown[] {
    this.#pending = Buffer.concat([this.#pending, bytes]);
    const replies: unknown[] = [];
    for (let end = this.#end(); end >= 0; end = this.#end()) {
      const line = this.#pending.subarray(0, end).toString('utf8').trim();
      this.#pending = this.#pending.subarray(end + 1);
      if (line !== '') replies.push(this.#parsed(line));
    }
    if (this.#pending.length > MOST_BYTES)
      throw this.#refused(`${this.#pending.length} bytes without an end`);
    return replies;
  }

  /** Some builds end an answer with the NUL that ends their buffer. */
  #end(): number {
    return this.#pending.findIndex((byte) => byte === 0x0a || byte === 0);
  }

  #parsed(line: string): unknown {
    const reply = parseJson(line);
    if (reply !== undefined) return reply;
    throw this.#refused(line.slice(0, 80));
  }

  #refused(found: string): CatnapError {
    return new CatnapError('MODEL_OUTPUT', `model ${this.model}: expected a line of JSON, found ${found}`);
  }
}

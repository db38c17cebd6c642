import type * as Ort from 'onnxruntime-node';
import { CatnapError } from '../../core/errors.js';
import { onnxRuntime, openSession, type Session } from '../../engines/onnx.js';
import type { Model } from '../../models/manifest.js';
import { fileOf } from '../../models/model.js';
import { directions, type InnerValues } from './inner-values.js';
import { PhoneInventory, type Phones } from './phones.js';
import type { Posteriors } from './search.js';

/** Samples of each step of its output. */
export const STEP_SAMPLES = 320;
/** Samples of a frame, and from one to the next. */
const FRAME_SAMPLES = 400;
const NEXT_FRAME_SAMPLES = 160;
/** An output whose name begins with it is the input of that name in the next look. */
const NEXT = 'next_';
const LOG_PROBS = 'log_probs';
const INNER = 'inner';

/** Whoever hears phones: the network itself, or several listeners that share it. */
export type PhoneEars = Pick<PhoneNetwork, 'inventory' | 'hear' | 'hearWithin' | 'stream' | 'dispose'>;

/** Which phones a window holds, and what the network makes of each step before it settles for one. */
export interface HeardWithin extends Posteriors {
  readonly inner: InnerValues;
}

/** What the network must know of the sound before: its inputs beside samples, which are its outputs as `next_...`. */
export type Memory = Readonly<Record<string, Ort.Tensor>>;

/** Phones that were heard, from the first step at which one is to behind the last. */
export interface Spoken {
  readonly phones: Phones;
  readonly start: number;
  readonly end: number;
}

/** One look at a stream. */
export interface Look {
  readonly posteriors: Posteriors;
  /** Null where they were not asked for. */
  readonly inner: InnerValues | null;
  /** What the next look must know. */
  readonly memory: Memory;
}

/**
 * Looks at the samples that follow what is in memory; so many of their steps are not heard again. With inner values
 * where they are wanted.
 */
export type LookAt = (
  samples: Float32Array,
  settled: number,
  memory: Memory,
  isWithin: boolean,
) => Promise<Look>;

/** The network that hears phones: it wants to hear both sides of a sound, in a window or in looks at a stream. */
export class PhoneNetwork {
  readonly #nothing: Memory;

  private constructor(
    readonly inventory: PhoneInventory,
    private readonly session: Session,
    private readonly name: string,
  ) {
    this.#nothing = nothingHeard(session);
  }

  /** @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`. */
  static async load(model: Model): Promise<PhoneNetwork> {
    const { name, labels } = model.manifest;
    const session = await openSession(fileOf(model, 'onnx'), { keepsMemory: true });
    return new PhoneNetwork(new PhoneInventory(labels), session, name);
  }

  /**
   * Hears a window of mono audio at 16 kHz.
   * @throws CatnapError `MODEL_SHAPE` when the network gives something else than its labels say.
   */
  async hear(samples: Float32Array): Promise<Posteriors> {
    return this.#posteriors(await this.#run(samples, 0, this.#nothing, [LOG_PROBS]));
  }

  /**
   * Hears a window, with what the network makes of it before it settles for phones.
   * @throws CatnapError `MODEL_SHAPE` when the network gives something else than its labels say.
   */
  async hearWithin(samples: Float32Array): Promise<HeardWithin> {
    const found = await this.#run(samples, 0, this.#nothing, [LOG_PROBS, INNER]);
    const posteriors = this.#posteriors(found);
    return { ...posteriors, inner: this.#inner(found, posteriors) };
  }

  /**
   * A stream of which nothing is heard yet.
   * @param isWithin whether its looks tell inner values.
   */
  stream(isWithin: boolean, lookAt: LookAt = (...look) => this.look(...look)): PhoneStream {
    return new PhoneStream((...look) => lookAt(...look, isWithin), this.#nothing);
  }

  /**
   * Hears what follows on what is in memory.
   * @param settled how many of its steps are settled with this look: the next one begins behind them.
   * @throws CatnapError `MODEL_SHAPE` when the network gives something else than its labels say.
   */
  async look(samples: Float32Array, settled: number, memory: Memory, isWithin: boolean): Promise<Look> {
    const names = Object.keys(memory);
    const wanted = [LOG_PROBS, ...(isWithin ? [INNER] : []), ...names.map((name) => NEXT + name)];
    const found = await this.#run(samples, settled, memory, wanted);
    const posteriors = this.#posteriors(found);
    return {
      posteriors,
      inner: isWithin ? this.#inner(found, posteriors) : null,
      memory: Object.fromEntries(names.map((name) => [name, found[NEXT + name] as Ort.Tensor])),
    };
  }

  /** @param wanted outputs that are handed over; what is not wanted is not copied. */
  #run(samples: Float32Array, settled: number, memory: Memory, wanted: readonly string[]) {
    const { Tensor } = onnxRuntime();
    const { sums, differences, shape } = folded(samples);
    const feeds = {
      ...memory,
      sums: new Tensor('float32', sums, shape),
      differences: new Tensor('float32', differences, shape),
      settled: new Tensor('int64', BigInt64Array.of(BigInt(settled)), [1]),
    };
    return this.session.run(feeds, wanted);
  }

  #inner({ [INNER]: found }: Ort.InferenceSession.ReturnType, { steps }: Posteriors): InnerValues {
    if (!(found?.data instanceof Float32Array))
      throw new CatnapError('MODEL_SHAPE', `model ${this.name}: expected inner values, found none`);
    return directions(found.data, steps);
  }

  #posteriors({ [LOG_PROBS]: found }: Ort.InferenceSession.ReturnType): Posteriors {
    const labels = this.inventory.labels.length;
    if (!(found?.data instanceof Float32Array) || found.dims[2] !== labels)
      throw new CatnapError('MODEL_SHAPE', `model ${this.name}: expected log_probs of ${labels} labels`);
    return { steps: found.data.length / labels, labels, logProbs: found.data };
  }

  /**
   * The likeliest phones, one after the other, without breaks between words; null where there are none.
   * @param leeway by how much silence may be likelier than a phone that is heard all the same, in logarithms.
   */
  spoken(posteriors: Posteriors, leeway = 0): Spoken | null {
    const phones: number[] = [];
    let [start, end, last] = [posteriors.steps, 0, this.inventory.blank];
    for (let step = 0; step < posteriors.steps; step++) {
      const best = likeliest(posteriors, step, (label) => (this.#isPhone(label) ? leeway : 0));
      if (this.#isPhone(best)) {
        if (best !== last) phones.push(best);
        [start, end] = [Math.min(start, step), step + 1];
      }
      last = best;
    }
    return phones.length === 0 ? null : { phones, start, end };
  }

  #isPhone(label: number): boolean {
    return label !== this.inventory.blank && label !== this.inventory.wordBreak;
  }

  async dispose(): Promise<void> {
    await this.session.release();
  }
}

/** A sound that is heard look by look, each of its steps once but for those that lack what comes after them. */
export class PhoneStream {
  #memory: Memory;

  constructor(
    private readonly lookAt: (...look: [Float32Array, number, Memory]) => Promise<Look>,
    private readonly nothing: Memory,
  ) {
    this.#memory = nothing;
  }

  /**
   * Hears what follows the settled steps of the look before.
   * @param settled how many steps of this look have heard enough; the next look's samples begin behind them.
   * @throws CatnapError `MODEL_SHAPE` when the network gives something else than its labels say.
   */
  async hear(samples: Float32Array, settled: number): Promise<Omit<Look, 'memory'>> {
    const { memory, ...heard } = await this.lookAt(samples, settled, this.#memory);
    this.#memory = memory;
    return heard;
  }

  /** What comes next is another sound. */
  reset(): void {
    this.#memory = this.nothing;
  }
}

/** @param favour what a label's logarithm counts more. */
function likeliest(
  { labels, logProbs }: Posteriors,
  step: number,
  favour: (label: number) => number,
): number {
  const favoured = (label: number) => (logProbs[step * labels + label] as number) + favour(label);
  let best = 0;
  for (let label = 1; label < labels; label++) if (favoured(label) > favoured(best)) best = label;
  return best;
}

/** The memory before the first look: zeros, and nothing where it has no fixed length. */
function nothingHeard({ graph }: Session): Memory {
  const { Tensor } = onnxRuntime();
  const outputs = new Set(graph.outputMetadata.map(({ name }) => name));
  const kept = graph.inputMetadata.filter(({ name }) => outputs.has(NEXT + name));
  return Object.fromEntries(
    kept.map((input) => {
      const dims = input.isTensor ? input.shape.map((size) => (typeof size === 'number' ? size : 0)) : [];
      return [input.name, new Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b, 1)), dims)];
    }),
  );
}

/**
 * Frames folded in their middle: what is as far from it on either side added, and subtracted. A real transform of a
 * symmetrically windowed frame needs no more, and half the products. Too few samples for one are followed by zeros.
 */
function folded(samples: Float32Array) {
  const frames = Math.max(1, Math.floor((samples.length - FRAME_SAMPLES) / NEXT_FRAME_SAMPLES) + 1);
  const half = FRAME_SAMPLES / 2;
  const sums = new Float32Array(frames * half);
  const differences = new Float32Array(frames * half);
  for (let frame = 0; frame < frames; frame++) {
    const first = frame * NEXT_FRAME_SAMPLES;
    for (let i = 1; i <= half; i++) {
      const before = samples[first + i] ?? 0;
      const after = samples[first + FRAME_SAMPLES - i] ?? 0;
      sums[frame * half + i - 1] = before + after;
      differences[frame * half + i - 1] = before - after;
    }
  }
  return { sums, differences, shape: [frames, half] };
}

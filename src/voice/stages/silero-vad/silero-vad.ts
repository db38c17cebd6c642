import type * as Ort from 'onnxruntime-node';
import type { StageSpec } from '../../../core/cascade/assembly.js';
import type { Decision, Stage, Window } from '../../../core/cascade/stage.js';
import { CatnapError } from '../../../core/errors.js';
import type { Thresholds } from '../../../core/thresholds.js';
import { judge } from '../../../core/thresholds.js';
import { gainIntoDb, type LevelRange } from '../../../dsp/level.js';
import { onnxRuntime, openSession, type Session } from '../../../engines/onnx.js';
import { SILERO_VAD, sileroFile } from '../../../models/silero.js';

/** As data, for a thread or process that loads no schemas. */
export interface SileroVadSpec extends StageSpec {
  readonly kind: 'silero';
  readonly thresholds: Thresholds;
}

declare module '../stage-kind.js' {
  interface EndpointerSpecs {
    silero: SileroVadSpec;
  }
}

const LABEL = 'speech';
/** Silero takes a voice further below full scale for none. */
const LEVEL: LevelRange = { leastDb: -30, mostDb: 0, mostGainDb: 50 };
const { chunkSamples, contextSamples, stateShape, rateHz } = SILERO_VAD;
const STATE_LENGTH = stateShape.reduce<number>((product, size) => product * size, 1);

/**
 * Silero VAD as a streaming stage: how probable it is that somebody speaks in a hop, the highest of the model's
 * chunks of 32 ms that end in it. What lacks to a whole chunk waits for the next hop; a hop that does not follow
 * the last one begins anew. Where it is told how loud the voice is ({@link Window.voiceDb}), a quiet one is raised.
 */
class SileroVad implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #spec: SileroVadSpec;
  readonly #session: Session;
  /** 64 samples of context, then the chunk being filled. */
  readonly #input = new Float32Array(contextSamples + chunkSamples);
  readonly #rate: Ort.Tensor;
  #state: Ort.Tensor;
  #filled = 0;
  #probability = 0;
  #nextSample: number | null = null;

  constructor(spec: SileroVadSpec, session: Session) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#spec = spec;
    this.#session = session;
    const { Tensor } = onnxRuntime();
    this.#rate = new Tensor('int64', BigInt64Array.of(BigInt(rateHz)), []);
    this.#state = emptyState();
  }

  async decide({ data, startSample, voiceDb = LEVEL.leastDb }: Window): Promise<Decision> {
    const gain = 10 ** (gainIntoDb(LEVEL, voiceDb) / 20);
    if (startSample !== this.#nextSample) this.reset();
    this.#nextSample = startSample + data.length;
    let highest: number | null = null;
    for (let start = 0; start < data.length; ) {
      const taken = Math.min(chunkSamples - this.#filled, data.length - start);
      const at = contextSamples + this.#filled;
      for (let i = 0; i < taken; i++) this.#input[at + i] = (data[start + i] as number) * gain;
      this.#filled += taken;
      start += taken;
      if (this.#filled < chunkSamples) break;
      highest = Math.max(highest ?? 0, await this.#run());
    }
    // A hop shorter than a chunk may end none: what was found last still holds.
    this.#probability = highest ?? this.#probability;
    return {
      kind: judge(this.#probability, this.#spec.thresholds),
      stage: this.name,
      label: LABEL,
      score: this.#probability,
      confidence: this.#probability,
      contributions: [],
    };
  }

  reset(): void {
    this.#input.fill(0);
    this.#state = emptyState();
    this.#filled = 0;
    this.#probability = 0;
    this.#nextSample = null;
  }

  dispose(): Promise<void> {
    return this.#session.release();
  }

  async #run(): Promise<number> {
    const input = new (onnxRuntime().Tensor)('float32', this.#input, [1, this.#input.length]);
    const { output, stateN } = await this.#session.run({ input, state: this.#state, sr: this.#rate });
    const probability = output?.data[0];
    if (stateN === undefined || typeof probability !== 'number') {
      throw new CatnapError('MODEL_SHAPE', `model ${this.name}: expected tensors "output" and "stateN"`);
    }
    this.#state = stateN;
    this.#input.copyWithin(0, chunkSamples);
    this.#filled = 0;
    return probability;
  }
}

function emptyState(): Ort.Tensor {
  return new (onnxRuntime().Tensor)('float32', new Float32Array(STATE_LENGTH), stateShape);
}

/**
 * Loads Silero VAD.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`.
 */
export async function createSileroVad(spec: SileroVadSpec): Promise<Stage> {
  return new SileroVad(spec, await openSession(sileroFile()));
}

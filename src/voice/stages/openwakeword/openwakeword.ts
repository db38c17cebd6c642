import type { Decision, Stage, Window } from '../../../core/cascade/stage.js';
import { CatnapError } from '../../../core/errors.js';
import { describeEngine, type Engine, onlyFloats } from '../../../engines/engine.js';
import { cheapestFormat, loadEngine } from '../../../engines/load.js';
import type { Network } from '../../../models/model.js';
import { OPENWAKEWORD, SPEECH_EMBEDDING } from '../../../models/openwakeword.js';
import type { ForeignSpec } from '../foreign/foreign-kind.js';
import { ForeignScores } from '../foreign/foreign-scores.js';
import { Slices } from '../foreign/slices.js';
import { OpenWakeWordFrontEnd } from './front-end.js';

/** As data, for a thread or process that loads no schemas. */
export type OpenWakeWordSpec = ForeignSpec<'openwakeword'>;

declare module '../stage-kind.js' {
  interface VoiceStageSpecs {
    openwakeword: OpenWakeWordSpec;
  }
}

const { hopSamples, embeddingSize } = OPENWAKEWORD;
/** openWakeWord zeroes its first five scores: its history is then still mostly what it was started with. */
const SUPPRESSED_HOPS = 5;

interface Head {
  readonly engine: Engine;
  /** Embeddings it is shown. */
  readonly shown: number;
  readonly input: Float32Array;
  readonly output: Float32Array;
}

/**
 * openWakeWord's chain: one front end, and one head a word, hop by hop of 80 ms; hears hops of any length. As a heavy
 * stage it is given a window after `reset` and returns the best decision inside it.
 */
class OpenWakeWordStage implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #scores: ForeignScores;
  readonly #found: Float32Array;
  readonly #pending = new Float32Array(hopSamples);
  readonly #slices: Slices;
  #hops = 0;

  constructor(
    spec: OpenWakeWordSpec,
    private readonly frontEnd: OpenWakeWordFrontEnd,
    private readonly heads: readonly Head[],
  ) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#scores = new ForeignScores(spec.name, spec.words);
    this.#found = new Float32Array(heads.length);
    this.#slices = new Slices(hopSamples, this.#scores.silence(), {
      keep: (samples, filled) => this.#pending.set(samples, filled),
      judge: () => this.#judge(),
    });
  }

  async decide({ data }: Window): Promise<Decision> {
    const decision = await this.#slices.hear(data);
    if (decision.kind === 'abstain') this.reset();
    return decision;
  }

  async #judge(): Promise<Decision> {
    await this.frontEnd.advance(this.#pending);
    this.#hops += 1;
    for (const [i, head] of this.heads.entries()) {
      head.input.set(this.frontEnd.latest(head.shown));
      await head.engine.run();
      this.#found[i] = this.frontEnd.isSound ? (head.output[0] ?? Number.NaN) : Number.NaN;
    }
    const decision = this.#scores.judge(this.#found);
    return this.#hops <= SUPPRESSED_HOPS && decision.kind !== 'abstain' ? this.#scores.silence() : decision;
  }

  reset(): void {
    this.frontEnd.reset();
    this.#slices.reset();
    this.#hops = 0;
  }

  async dispose(): Promise<void> {
    await this.frontEnd.dispose();
    for (const { engine } of this.heads) await engine.dispose();
  }
}

/**
 * Loads the embedding and every head.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`; `MODEL_SHAPE` for a file that is no head of openWakeWord's.
 */
export async function createOpenWakeWord(spec: OpenWakeWordSpec): Promise<Stage> {
  const heads: Head[] = [];
  for (const { network } of spec.words) heads.push(await loadHead(network));
  const embedding = await loadEngine(SPEECH_EMBEDDING, cheapestFormat(SPEECH_EMBEDDING));
  const frontEnd = await OpenWakeWordFrontEnd.create(embedding, Math.max(...heads.map(({ shown }) => shown)));
  return new OpenWakeWordStage(spec, frontEnd, heads);
}

async function loadHead(network: Network): Promise<Head> {
  const engine = await loadEngine(network, network.manifest.files.tflite === undefined ? 'onnx' : 'tflite');
  const [input, ...others] = engine.inputs;
  const [output] = engine.outputs;
  const shown = input?.shape[1] ?? 0;
  const fits =
    others.length === 0 &&
    input?.dtype === 'float32' &&
    input.shape.length === 3 &&
    input.shape[2] === embeddingSize &&
    output?.dtype === 'float32' &&
    output.data.length === 1;
  if (fits)
    return { engine, shown, input: onlyFloats(engine, 'inputs'), output: onlyFloats(engine, 'outputs') };
  const found = describeEngine(engine);
  await engine.dispose();
  const advice =
    input?.dtype === 'int8' && input.shape.length === 3 && input.shape[2] === 40
      ? '; it looks like one of microWakeWord: name the .json that belongs to it'
      : '';
  throw new CatnapError(
    'MODEL_SHAPE',
    `model ${network.manifest.name}: expected a head of openWakeWord, float32[1,n,${embeddingSize}] to one score, found ${found}${advice}`,
  );
}

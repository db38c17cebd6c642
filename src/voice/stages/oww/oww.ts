import type { StageSpec } from '../../../core/cascade/assembly.js';
import type { Decision, Stage, Window } from '../../../core/cascade/stage.js';
import { INT16_FULL_SCALE } from '../../../core/signal/pcm.js';
import type { Thresholds } from '../../../core/thresholds.js';
import { judge } from '../../../core/thresholds.js';
import { type Engine, floatsNamed } from '../../../engines/engine.js';
import { loadEngine } from '../../../engines/load.js';
import {
  OWW_EMBEDDING_SIZE,
  OWW_EMBEDDINGS,
  OWW_MEL_BANDS,
  OWW_MEL_FRAMES,
  OWW_MEL_SAMPLES,
  type OwwKeyword,
  owwModel,
} from '../../../models/oww.js';

/** As data, for a thread or process that loads no schemas. */
export interface OwwSpec extends StageSpec {
  readonly kind: 'oww';
  readonly keywords: readonly OwwKeyword[];
  readonly thresholds: Thresholds;
}

declare module '../stage-kind.js' {
  interface VoiceStageSpecs {
    oww: OwwSpec;
  }
}

const HOP_SAMPLES = 1280;
const HOP_MEL_FRAMES = 8;
/** openWakeWord zeroes its first five scores: its history is then still mostly what it was started with. */
const SUPPRESSED_HOPS = 5;
/** Hops that fill every buffer: 76 mel frames, then 16 embeddings 8 frames apart. */
const PRIMING_HOPS = Math.ceil(OWW_MEL_FRAMES / HOP_MEL_FRAMES) + OWW_EMBEDDINGS;

interface Head {
  readonly keyword: OwwKeyword;
  readonly engine: Engine;
  readonly input: Float32Array;
  readonly output: Float32Array;
}

/** What the chain remembers between hops. */
interface History {
  readonly samples: Float32Array;
  readonly mel: Float32Array;
  readonly embeddings: Float32Array;
}

/**
 * openWakeWord's chain (mel graph, Google's speech embedding, one head a word), hop by hop of 80 ms.
 * The graphs were trained on int16-range floats. openWakeWord starts its history with the embedding of random
 * noise; so does this, from a fixed seed, because an all-zero history gives false scores up to 0.96.
 * As a heavy stage it is given a window after `reset` and returns the best decision inside it.
 */
class OwwStage implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #spec: OwwSpec;
  readonly #mel: Engine;
  readonly #embedding: Engine;
  readonly #heads: readonly Head[];
  readonly #melIn: Float32Array;
  readonly #melOut: Float32Array;
  readonly #embeddingIn: Float32Array;
  readonly #embeddingOut: Float32Array;
  readonly #now: History;
  readonly #primed: History;
  readonly #pending = new Float32Array(HOP_SAMPLES);
  #pendingSamples = 0;
  #hops = 0;
  #last: Decision;

  constructor(spec: OwwSpec, mel: Engine, embedding: Engine, heads: readonly Head[]) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#spec = spec;
    this.#mel = mel;
    this.#embedding = embedding;
    this.#heads = heads;
    this.#melIn = floatsNamed(mel.inputs, 'input', mel.model);
    this.#melOut = floatsNamed(mel.outputs, 'output', mel.model);
    this.#embeddingIn = floatsNamed(embedding.inputs, 'input_1', embedding.model);
    this.#embeddingOut = floatsNamed(embedding.outputs, 'conv2d_19', embedding.model);
    const history = (): History => ({
      samples: new Float32Array(OWW_MEL_SAMPLES),
      mel: new Float32Array(OWW_MEL_FRAMES * OWW_MEL_BANDS),
      embeddings: new Float32Array(OWW_EMBEDDINGS * OWW_EMBEDDING_SIZE),
    });
    this.#now = history();
    this.#primed = history();
    this.#last = this.#rejection();
  }

  /** Fills the history with seeded noise once; `reset` goes back to it. */
  async prime(): Promise<void> {
    const hop = new Float32Array(HOP_SAMPLES);
    let seed = 1;
    for (let i = 0; i < PRIMING_HOPS; i++) {
      for (let j = 0; j < HOP_SAMPLES; j++) {
        // Numerical Recipes' linear congruential generator: any noise will do, as long as it is the same.
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        hop[j] = (seed / 2 ** 32 - 0.5) * (2000 / INT16_FULL_SCALE);
      }
      await this.#advance(hop);
    }
    copyHistory(this.#now, this.#primed);
    this.reset();
  }

  async decide(window: Window): Promise<Decision> {
    const { data } = window;
    let best: Decision | undefined;
    for (let start = 0; start < data.length; ) {
      const taken = Math.min(HOP_SAMPLES - this.#pendingSamples, data.length - start);
      this.#pending.set(data.subarray(start, start + taken), this.#pendingSamples);
      this.#pendingSamples += taken;
      start += taken;
      if (this.#pendingSamples < HOP_SAMPLES) break;
      this.#pendingSamples = 0;
      await this.#advance(this.#pending);
      this.#last = await this.#judge();
      if (this.#last.kind === 'abstain') {
        this.reset();
        return { kind: 'abstain', stage: this.name, code: 'MODEL_OUTPUT' };
      }
      if (best === undefined || best.kind === 'abstain' || this.#last.confidence > best.confidence)
        best = this.#last;
    }
    return best ?? this.#last;
  }

  async #advance(hop: Float32Array): Promise<void> {
    const { samples, mel, embeddings } = this.#now;
    samples.copyWithin(0, HOP_SAMPLES);
    const tail = OWW_MEL_SAMPLES - HOP_SAMPLES;
    for (let i = 0; i < HOP_SAMPLES; i++) samples[tail + i] = (hop[i] ?? 0) * INT16_FULL_SCALE;
    this.#melIn.set(samples);
    await this.#mel.run();
    mel.copyWithin(0, HOP_MEL_FRAMES * OWW_MEL_BANDS);
    const melTail = (OWW_MEL_FRAMES - HOP_MEL_FRAMES) * OWW_MEL_BANDS;
    for (let i = 0; i < this.#melOut.length; i++) mel[melTail + i] = (this.#melOut[i] ?? 0) / 10 + 2;
    this.#embeddingIn.set(mel);
    await this.#embedding.run();
    embeddings.copyWithin(0, OWW_EMBEDDING_SIZE);
    embeddings.set(this.#embeddingOut, (OWW_EMBEDDINGS - 1) * OWW_EMBEDDING_SIZE);
  }

  async #judge(): Promise<Decision> {
    this.#hops += 1;
    if (this.#hops <= SUPPRESSED_HOPS) return this.#rejection();
    let label = this.#spec.keywords[0] ?? '';
    let score = -1;
    for (const head of this.#heads) {
      head.input.set(this.#now.embeddings);
      await head.engine.run();
      const found = head.output[0] ?? Number.NaN;
      if (!Number.isFinite(found)) return { kind: 'abstain', stage: this.name, code: 'MODEL_OUTPUT' };
      if (found <= score) continue;
      score = found;
      label = head.keyword;
    }
    const kind = judge(score, this.#spec.thresholds);
    return { kind, stage: this.name, label, score, confidence: score, contributions: [] };
  }

  #rejection(): Decision {
    const label = this.#spec.keywords[0] ?? '';
    return { kind: 'reject', stage: this.name, label, score: 0, confidence: 0, contributions: [] };
  }

  reset(): void {
    copyHistory(this.#primed, this.#now);
    this.#pendingSamples = 0;
    this.#hops = 0;
    this.#last = this.#rejection();
  }

  async dispose(): Promise<void> {
    await this.#mel.dispose();
    await this.#embedding.dispose();
    for (const head of this.#heads) await head.engine.dispose();
  }
}

function copyHistory(from: History, to: History): void {
  to.samples.set(from.samples);
  to.mel.set(from.mel);
  to.embeddings.set(from.embeddings);
}

/**
 * Loads openWakeWord from its npm package.
 * @throws CatnapError `MODEL_MISSING` when the package is not installed, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export async function createOwwStage(spec: OwwSpec): Promise<Stage> {
  const heads: Head[] = [];
  for (const keyword of spec.keywords) {
    const engine = await loadEngine(owwModel(keyword), 'onnx');
    const input = engine.inputs[0]?.name ?? '';
    const output = engine.outputs[0]?.name ?? '';
    heads.push({
      keyword,
      engine,
      input: floatsNamed(engine.inputs, input, engine.model),
      output: floatsNamed(engine.outputs, output, engine.model),
    });
  }
  const mel = await loadEngine(owwModel('melspectrogram'), 'onnx');
  const embedding = await loadEngine(owwModel('embedding'), 'onnx');
  const stage = new OwwStage(spec, mel, embedding, heads);
  await stage.prime();
  return stage;
}

import { MelSpectrogram } from '../../../dsp/mel-spectrogram.js';
import { type Engine, onlyFloats } from '../../../engines/engine.js';
import { OPENWAKEWORD } from '../../../models/openwakeword.js';

const { hopSamples, hopFrames, melFrames, bands, embeddingSize, rateHz } = OPENWAKEWORD;

/** `melspectrogram.onnx` of openWakeWord: 512 points, a Hann window of 400 in their middle, Slaney's bands. */
const MEL = {
  rateHz,
  windowSamples: 400,
  stepSamples: 160,
  fftSize: 512,
  bands,
  lowHz: 60,
  highHz: 3800,
  scale: 'slaney',
} as const;
/** The last window of a hop ends so many samples before it: it lies in the middle of 512 of 1760 samples. */
const LATE_SAMPLES = 184;
/** It takes samples as whole numbers: 2^15 of them are full scale, squared. */
const FULL_SCALE_DB = 20 * Math.log10(2 ** 15);
const LEAST_POWER_DB = -100;
/** How far below the loudest of a hop anything is told apart (`AmplitudeToDB(top_db=80)`). */
const RANGE_DB = 80;

/** openWakeWord starts with the embeddings of random noise and mel frames of 1: all zeros wake its heads. */
const NOISE_PEAK = 1000 / 2 ** 15;
const NO_FRAME = 1;

/** What it remembers between hops. */
interface History {
  readonly late: Float32Array;
  readonly mel: Float32Array;
  readonly embeddings: Float32Array;
}

/**
 * What all of openWakeWord's heads listen through, hop by hop of 80 ms: log-mel frames in decibels, and Google's speech
 * embedding of the last 76, of which the latest are kept.
 */
export class OpenWakeWordFrontEnd {
  readonly #mel = new MelSpectrogram(MEL);
  readonly #fresh = new Float32Array(hopFrames * bands);
  readonly #delayed = new Float32Array(hopSamples);
  readonly #input: Float32Array;
  readonly #output: Float32Array;
  readonly #now: History;
  readonly #primed: History;
  #isSound = true;
  /** The engine has forgotten all, and not yet been shown what is there before the first hop. */
  #isBlank = true;

  /** @param kept embeddings that are kept. */
  private constructor(
    private readonly engine: Engine,
    private readonly kept: number,
  ) {
    this.#input = onlyFloats(engine, 'inputs');
    this.#output = onlyFloats(engine, 'outputs');
    this.#now = historyOf(kept);
    this.#primed = historyOf(kept);
  }

  /** @throws CatnapError `MODEL_OUTPUT`. */
  static async create(engine: Engine, kept: number): Promise<OpenWakeWordFrontEnd> {
    const frontEnd = new OpenWakeWordFrontEnd(engine, kept);
    await frontEnd.#prime();
    return frontEnd;
  }

  /** Whether the last hop was of numbers: XNNPACK's kernels make some of what is none. */
  get isSound(): boolean {
    return this.#isSound;
  }

  /** The latest embeddings, oldest first. */
  latest(count: number): Float32Array {
    return this.#now.embeddings.subarray((this.kept - count) * embeddingSize);
  }

  /** Takes 1280 samples in [-1, 1]. */
  async advance(hop: Float32Array): Promise<void> {
    if (this.#isBlank) await this.#showBefore();
    this.#listen(hop);
    this.#input.set(this.#now.mel.subarray(-this.#input.length));
    await this.engine.run();
    this.#keep();
  }

  reset(): void {
    this.#mel.reset();
    copyHistory(this.#primed, this.#now);
    this.engine.reset();
    this.#isBlank = true;
  }

  async dispose(): Promise<void> {
    await this.engine.dispose();
  }

  /** An engine that remembers is shown as many frames of before as one that sees its whole window sees by itself. */
  async #showBefore(): Promise<void> {
    this.#isBlank = false;
    if (this.#input.length === this.#now.mel.length) return;
    for (let shown = 0; shown < melFrames; shown += hopFrames) {
      this.#input.fill(NO_FRAME);
      await this.engine.run();
    }
  }

  #listen(hop: Float32Array): void {
    const { late, mel } = this.#now;
    this.#delayed.set(late);
    this.#delayed.set(hop.subarray(0, hopSamples - LATE_SAMPLES), LATE_SAMPLES);
    late.set(hop.subarray(hopSamples - LATE_SAMPLES));
    this.#mel.push(this.#delayed, this.#fresh);
    let loudest = LEAST_POWER_DB;
    let sum = 0;
    for (let i = 0; i < this.#fresh.length; i++) {
      const db = Math.max(LEAST_POWER_DB, 10 * Math.log10(this.#fresh[i] as number) + FULL_SCALE_DB);
      this.#fresh[i] = db;
      sum += db;
      if (db > loudest) loudest = db;
    }
    this.#isSound = Number.isFinite(sum);
    mel.copyWithin(0, this.#fresh.length);
    const from = mel.length - this.#fresh.length;
    for (let i = 0; i < this.#fresh.length; i++)
      mel[from + i] = Math.max(loudest - RANGE_DB, this.#fresh[i] as number) / 10 + 2;
  }

  #keep(): void {
    const { embeddings } = this.#now;
    embeddings.copyWithin(0, embeddingSize);
    embeddings.set(this.#output, embeddings.length - embeddingSize);
  }

  async #prime(): Promise<void> {
    const hop = new Float32Array(hopSamples);
    let seed = 1;
    for (let i = 0; i < Math.ceil(melFrames / hopFrames) + this.kept; i++) {
      for (let j = 0; j < hopSamples; j++) {
        // Numerical Recipes' linear congruential generator: any noise will do, as long as it is the same.
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        hop[j] = (seed / 2 ** 31 - 1) * NOISE_PEAK;
      }
      await this.advance(hop);
    }
    copyHistory(this.#now, this.#primed);
    this.#primed.mel.fill(NO_FRAME);
    this.#primed.late.fill(0);
    this.reset();
  }
}

function historyOf(kept: number): History {
  return {
    late: new Float32Array(LATE_SAMPLES),
    mel: new Float32Array(melFrames * bands),
    embeddings: new Float32Array(kept * embeddingSize),
  };
}

function copyHistory(from: History, to: History): void {
  to.late.set(from.late);
  to.mel.set(from.mel);
  to.embeddings.set(from.embeddings);
}

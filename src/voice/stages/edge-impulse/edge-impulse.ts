import type { StageSpec } from '../../../core/cascade/assembly.js';
import type { Decision, Stage, Window } from '../../../core/cascade/stage.js';
import { codeOf } from '../../../core/errors.js';
import type { News } from '../../../core/events/health.js';
import { toInt16 } from '../../../core/signal/pcm.js';
import { EimProcess } from '../../../engines/edge-impulse/eim-process.js';
import type { Impulse } from '../../../engines/edge-impulse/eim-reply.js';
import { ForeignScores } from '../foreign/foreign-scores.js';
import { Slices } from '../foreign/slices.js';
import type { KnownLabel } from '../labels/known-labels.js';

/** As data, for a thread or process that loads no schemas. */
export interface EdgeImpulseSpec extends StageSpec {
  readonly kind: 'edge-impulse';
  readonly path: string;
  readonly impulse: Impulse;
  /** The executable is ended where an answer takes longer. */
  readonly answerMs: number;
  readonly words: readonly KnownLabel[];
}

declare module '../stage-kind.js' {
  interface VoiceStageSpecs {
    'edge-impulse': EdgeImpulseSpec;
  }
}

/** Longest wait, in seconds of sound, before an executable that keeps ending is started again. */
const MOST_WAIT_SECONDS = 60;
/** An executable that fails at the same audio again is not asked a third time. */
const TRIES = 2;

/** What is told of it: whether its program answers. */
const ANSWERS = { condition: 'program' } as const;

/**
 * An executable of Edge Impulse as a stage; hears hops of any length, and decides once a slice is full. The last window
 * is kept here: whenever a process of it starts, or the signal begins anew, it is shown all of that first, so that
 * nothing is lost with a process that was killed. As a heavy stage it is given a window after `reset`.
 */
class EdgeImpulse implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #scores: ForeignScores;
  /** The latest window, oldest first; the slice at its end is being filled. */
  readonly #window: Int16Array;
  readonly #slices: Slices;
  /** The process heard what stands before the last slice. */
  #isPrimed = false;
  #failures = 0;
  #waitSamples = 0;
  #news: News | null = null;
  #isTold = false;

  constructor(
    private readonly spec: EdgeImpulseSpec,
    private running: EimProcess | null,
  ) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#scores = new ForeignScores(spec.name, spec.words);
    this.#window = new Int16Array(spec.impulse.windowSamples);
    this.#slices = new Slices(spec.impulse.sliceSamples, this.#scores.silence(), {
      keep: (samples, filled) => this.#keep(samples, filled),
      judge: () => this.#judge(),
    });
  }

  async decide({ data }: Window): Promise<Decision> {
    if (!data.every(Number.isFinite)) {
      this.reset();
      return { kind: 'abstain', stage: this.name, code: 'MODEL_OUTPUT' };
    }
    return this.#slices.hear(data);
  }

  news(): News | null {
    const told = this.#news;
    this.#news = null;
    return told;
  }

  reset(): void {
    this.#window.fill(0);
    this.#slices.reset();
    this.#isPrimed = false;
  }

  async dispose(): Promise<void> {
    this.running?.kill();
    this.running = null;
  }

  #keep(samples: Float32Array, filled: number): void {
    const { sliceSamples } = this.spec.impulse;
    if (filled === 0) this.#window.copyWithin(0, sliceSamples);
    const from = this.#window.length - sliceSamples + filled;
    for (let i = 0; i < samples.length; i++) this.#window[from + i] = toInt16(samples[i] as number);
  }

  async #judge(): Promise<Decision> {
    this.#waitSamples -= this.spec.impulse.sliceSamples;
    if (this.running === null && this.#waitSamples > 0) return this.#abstain('STAGE_UNAVAILABLE');
    for (let tried = 1; ; tried++) {
      try {
        const found = await this.#hear();
        if (this.#isTold) this.#news = { ...ANSWERS, state: 'ok', code: 'OK', detail: 'answers again' };
        this.#isTold = false;
        this.#failures = 0;
        return this.#scores.judge(this.spec.words.map(({ index }) => found[index] ?? Number.NaN));
      } catch (error) {
        this.#drop(error);
        if (tried === TRIES) return this.#abstain(codeOf(error, 'STAGE_CRASHED'));
      }
    }
  }

  async #hear(): Promise<readonly number[]> {
    const { impulse, path, answerMs } = this.spec;
    this.running ??= (await EimProcess.start(path)).process;
    const { sliceSamples } = impulse;
    const { length } = this.#window;
    const pieceSamples = impulse.isContinuous ? sliceSamples : length;
    const first = this.#isPrimed ? length - pieceSamples : 0;
    let found: readonly number[] = [];
    for (let at = first; at < length; at += pieceSamples) {
      const slice = this.#window.subarray(at, at + pieceSamples);
      found = await this.running.classify(impulse, slice, answerMs);
    }
    this.#isPrimed = true;
    return found;
  }

  /** Ends the process; another is started for the same audio, and then ever later. */
  #drop(error: unknown): void {
    this.running?.kill();
    this.running = null;
    this.#isPrimed = false;
    const { rateHz, sliceSamples } = this.spec.impulse;
    this.#waitSamples = Math.min(MOST_WAIT_SECONDS * rateHz, sliceSamples * 2 ** this.#failures);
    this.#failures += 1;
    if (this.#isTold) return;
    this.#isTold = true;
    const detail = error instanceof Error ? error.message : String(error);
    this.#news = { ...ANSWERS, state: 'degraded', code: codeOf(error, 'STAGE_CRASHED'), detail };
  }

  #abstain(code: ReturnType<typeof codeOf>): Decision {
    return { kind: 'abstain', stage: this.name, code };
  }
}

/**
 * Starts the executable.
 * @throws CatnapError `STAGE_UNAVAILABLE`, `MODEL_SHAPE`.
 */
export async function createEdgeImpulse(spec: EdgeImpulseSpec): Promise<Stage> {
  return new EdgeImpulse(spec, (await EimProcess.start(spec.path)).process);
}

import { CatnapError } from '../../../core/errors.js';
import { LogMelWindow } from '../../../dsp/log-mel.js';
import { type Engine, onlyFloats, type Tensor, type TensorData } from '../../../engines/engine.js';
import type { LogMelFrontEnd } from '../../../models/front-end.js';

/**
 * A network over log-mel frames, asked what it makes of the window that ended at some frame. One that is shown the
 * whole window is run once. One that is shown a call's frames and remembers the rest goes on from the window a call
 * earlier, if it was asked of that and the window's gain has not changed since; otherwise it is shown the whole window
 * call by call, after which nothing from before counts. So both answer the same, whatever they were asked before.
 * Allocates nothing after construction.
 */
export class FrameNetwork {
  /** A score a label of the window looked at last; the engine's own array. */
  readonly scores: Float32Array;
  readonly #engine: Engine;
  readonly #window: LogMelWindow;
  readonly #bands: number;
  readonly #stepFrames: number;
  /** The window looked at last, and what of it the network is shown in a run; oldest frame first. */
  readonly #features: Float32Array;
  readonly #input: Float32Array;
  readonly #fillRuns: number;
  /** Inputs in which the network is told what it remembers. */
  readonly #remembered: readonly Tensor[];
  /** One for each frame of a call at which a window may end; the network remembers what belongs to `#phase`. */
  readonly #phases: readonly Phase[];
  #phase: Phase;

  /**
   * @param earlierFrames how many frames ago a window may end that is looked at.
   * @throws CatnapError `MODEL_SHAPE` where the network is shown neither the window nor a call's frames of it.
   */
  constructor(engine: Engine, frontEnd: LogMelFrontEnd, earlierFrames: number) {
    const { windowFrames, framesPerCall, bands } = frontEnd;
    this.#engine = engine;
    this.#window = new LogMelWindow(frontEnd, framesPerCall, earlierFrames);
    this.#bands = bands;
    this.#stepFrames = framesPerCall;
    this.#features = new Float32Array(windowFrames * bands);
    this.#input = onlyFloats(engine, 'inputs');
    this.scores = onlyFloats(engine, 'outputs');
    this.#fillRuns = Math.ceil((windowFrames - this.#input.length / bands) / framesPerCall) + 1;
    this.#remembered = engine.inputs.slice(1);
    this.#checkShown(engine.model, frontEnd);
    this.#phases = Array.from(
      { length: framesPerCall },
      () => new Phase(this.#remembered, this.scores.length),
    );
    this.#phase = this.#phases[0] as Phase;
  }

  /** Takes samples in [-1, 1]; how many frames they complete. */
  push(samples: Float32Array): number {
    return this.#window.push(samples);
  }

  /** Brings `scores` to the window that ended so many frames ago. */
  look(framesAgo: number): void | Promise<void> {
    this.#window.show(this.#features, framesAgo);
    const { shownTo, shownGainDb } = this.#window;
    const end = shownTo as number;
    this.#takeUp(this.#phases[end % this.#stepFrames] as Phase);
    if (this.#phase.isAt(end, shownGainDb)) {
      this.scores.set(this.#phase.scores);
      return;
    }
    const runs = this.#phase.isAt(end - this.#stepFrames, shownGainDb) ? 1 : this.#fillRuns;
    this.#phase.endFrame = null;
    const work = this.#run(runs - 1);
    if (work !== undefined) return work.then(() => this.#phase.reached(end, shownGainDb, this.scores));
    this.#phase.reached(end, shownGainDb, this.scores);
  }

  reset(): void {
    this.#window.reset();
    this.#engine.reset();
    for (const phase of this.#phases) phase.endFrame = null;
  }

  async dispose(): Promise<void> {
    await this.#engine.dispose();
  }

  #checkShown(model: string, { windowFrames, framesPerCall }: LogMelFrontEnd): void {
    const frames = this.#input.length / this.#bands;
    const least = this.#remembered.length === 0 ? windowFrames : framesPerCall;
    if (Number.isInteger(frames) && frames >= least && frames <= windowFrames) return;
    const wanted = least === windowFrames ? `${windowFrames}` : `${least} to ${windowFrames}`;
    throw new CatnapError(
      'MODEL_SHAPE',
      `model ${model}: input: expected ${wanted} frames of ${this.#bands} bands, found ${this.#input.length} numbers`,
    );
  }

  /** Runs the network on what ended so many calls before the window's end, and on all that comes after it. */
  #run(callsBefore: number): void | Promise<void> {
    for (let calls = callsBefore; calls >= 0; calls--) {
      this.#show(this.#features.length - calls * this.#stepFrames * this.#bands);
      const work = this.#engine.run();
      if (work !== undefined) return calls === 0 ? work : work.then(() => this.#run(calls - 1));
    }
  }

  /** Shows what ends at some place in the window; zeros for what lies before it, which has no part in the last run. */
  #show(end: number): void {
    const [input, features] = [this.#input, this.#features];
    const start = end - input.length;
    for (let i = 0; i < input.length; i++) input[i] = start + i < 0 ? 0 : (features[start + i] as number);
  }

  #takeUp(phase: Phase): void {
    if (phase === this.#phase) return;
    this.#phase.keep(this.#remembered);
    phase.giveBack(this.#remembered);
    this.#phase = phase;
  }
}

/** What a network remembers of windows that end a whole number of calls apart. */
class Phase {
  /** One past the last frame it has seen; null: it has to see a whole window. */
  endFrame: number | null = null;
  #gainDb = 0;
  /** What it said there. */
  readonly scores: Float32Array;
  readonly #state: readonly TensorData[];

  constructor(state: readonly Tensor[], labels: number) {
    this.#state = state.map(({ data }) => data.slice());
    this.scores = new Float32Array(labels);
  }

  isAt(frame: number, gainDb: number): boolean {
    return this.endFrame === frame && this.#gainDb === gainDb;
  }

  reached(frame: number, gainDb: number, scores: Float32Array): void {
    this.endFrame = frame;
    this.#gainDb = gainDb;
    this.scores.set(scores);
  }

  keep(state: readonly Tensor[]): void {
    for (let i = 0; i < state.length; i++) this.#state[i]?.set(state[i]?.data as never);
  }

  giveBack(state: readonly Tensor[]): void {
    for (let i = 0; i < state.length; i++) state[i]?.data.set(this.#state[i] as never);
  }
}

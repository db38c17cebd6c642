import type { Timer } from '../../core/clock.js';
import { every } from '../../core/waiting.js';
import type { MainSignals } from './main-signals.js';

const BEAT_MS = 1000;
/** Beats the main thread may miss in a row before it is taken for stalled. */
const MAIN_BEATS_MISSED = 30;

/**
 * One timer for all sources of a thread: tells the main thread with each beat that they are served, and ends the
 * process when that thread stalls. The check counts calls rather than time: after a suspension both threads continue
 * together.
 */
export class Heartbeat {
  readonly #works = new Set<() => void>();
  #lastBeats = -1;
  #missed = 0;

  /**
   * @param abortProcess ends the process, whose main thread does not answer, so that whoever supervises it starts it
   *   again
   */
  constructor(
    private readonly main: MainSignals,
    timer: Timer,
    private readonly abortProcess: (why: string) => void,
    private readonly beatMs = BEAT_MS,
  ) {
    every(timer, beatMs, () => this.#beat());
  }

  /** Calls `work` now and with every beat; returns what ends that. */
  readonly each = (work: () => void): (() => void) => {
    work();
    this.#works.add(work);
    return () => this.#works.delete(work);
  };

  #beat(): void {
    for (const work of this.#works) work();
    const { beats } = this.main;
    this.#missed = beats === this.#lastBeats ? this.#missed + 1 : 0;
    this.#lastBeats = beats;
    if (this.#missed < MAIN_BEATS_MISSED) return;
    const seconds = (MAIN_BEATS_MISSED * this.beatMs) / 1000;
    this.abortProcess(`the main thread has not answered for ${seconds} s`);
  }
}

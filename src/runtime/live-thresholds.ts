import type { Timer } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import type { StageThresholds, Thresholds } from '../core/thresholds.js';
import { sleep } from '../core/waiting.js';
import type { CascadePlan } from './build.js';
import type { VoicePlanned } from './live-words.js';
import { planCascade } from './plan.js';

/** A threshold of a source that can be set while it runs. */
export interface ThresholdName {
  readonly source: string;
  readonly stage: keyof StageThresholds;
  readonly bound: keyof Thresholds;
}

export interface LiveThresholdsOptions {
  readonly timer: Timer;
  /** Ids of the sources, in the order of the configuration. */
  readonly sources: readonly string[];
  /** What each goes by now. */
  readonly plans: readonly CascadePlan[];
  readonly stateDir: string;
  readonly exchange: (source: number, plan: VoicePlanned) => Promise<void>;
}

/** A source that takes longer is in the middle of something, and takes it over after that. */
const SOON_MS = 5000;
/** Changes that can be taken back. */
const UNDO_MAX = 100;

/**
 * Thresholds of voice sources, set while Catnap runs; the configuration has them again at the next start. Words of
 * one's own keep theirs.
 */
export class LiveThresholds {
  readonly #options: LiveThresholdsOptions;
  /** Changes go one after the other: each begins with what the one before made. */
  #changing: Promise<unknown> = Promise.resolve();
  /** What was set and has not been taken back, with what it was before; the newest last. */
  readonly #done: { readonly name: ThresholdName; readonly before: number }[] = [];

  constructor(options: LiveThresholdsOptions) {
    this.#options = options;
  }

  of(source: string): StageThresholds {
    const { sources, plans } = this.#options;
    const plan = plans[sources.indexOf(source)];
    return plan?.kind === 'voice' ? plan.stages.thresholds : { tiny: null, heavy: null };
  }

  /**
   * Sets one, and tells what it was.
   * @throws CatnapError `USAGE` for one there is none of, or that would stand on the wrong side of the other.
   */
  async set(
    name: ThresholdName,
    value: number,
  ): Promise<{ readonly before: number; readonly isSet: boolean }> {
    return this.#inTurn(async () => {
      const { before, isSet } = await this.#set(name, value);
      this.#done.push({ name, before });
      if (this.#done.length > UNDO_MAX) this.#done.shift();
      return { before, isSet };
    });
  }

  /**
   * Sets the one of a source that was set last as it was before.
   * @throws CatnapError `USAGE` where nothing was set since the start.
   */
  async undo(source: string): Promise<{ readonly name: ThresholdName; readonly value: number }> {
    return this.#inTurn(async () => {
      const at = this.#done.findLastIndex(({ name }) => name.source === source);
      const newest = this.#done[at];
      if (newest === undefined)
        throw new CatnapError(
          'USAGE',
          `${source}: expected a threshold that was set, found none to take back`,
        );
      const { name, before } = newest;
      await this.#set(name, before);
      this.#done.splice(at, 1);
      return { name, value: before };
    });
  }

  async #inTurn<Of>(change: () => Promise<Of>): Promise<Of> {
    const changed = this.#changing.then(change);
    this.#changing = changed.catch(() => {});
    return changed;
  }

  /** Gives what it was, and whether the source goes by it already. */
  async #set({ source, stage, bound }: ThresholdName, value: number) {
    const { sources, plans, stateDir, timer, exchange } = this.#options;
    const index = sources.indexOf(source);
    const plan = plans[index];
    const thresholds = this.of(source)[stage];
    if (plan?.kind !== 'voice' || thresholds === null)
      throw new CatnapError('USAGE', `${source}: expected a stage with thresholds, found no ${stage}`);
    const wanted = { ...thresholds, [bound]: value };
    if (wanted.reject > wanted.accept) {
      const { reject, accept } = wanted;
      throw new CatnapError('USAGE', `expected reject of at most accept, found ${reject} and ${accept}`);
    }
    const { config } = plan;
    const other = { ...config, [stage]: { ...config[stage], thresholds: wanted } };
    const next = await planCascade(other, { source, stateDir });
    if (next.kind !== 'voice') throw new CatnapError('INTERNAL', `${source}: its cascade is another now`);
    const exchanged = exchange(index, next);
    const isSet = await soon(timer, exchanged);
    return { before: thresholds[bound], isSet };
  }
}

/** Whether it is over soon. @throws what it rejects with by then. */
async function soon(timer: Timer, work: Promise<void>): Promise<boolean> {
  const waiting = new AbortController();
  try {
    const late = sleep(timer, SOON_MS, waiting.signal).then(() => false);
    return await Promise.race([work.then(() => true), late]);
  } finally {
    waiting.abort();
    // Nobody waits for it any more where it fails later.
    work.catch(() => {});
  }
}

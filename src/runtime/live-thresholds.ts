import { CatnapError } from '../core/errors.js';
import type { StageThresholds, Thresholds } from '../core/thresholds.js';
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
  /** Ids of the sources, in the order of the configuration. */
  readonly sources: readonly string[];
  /** What each goes by now. */
  readonly plans: readonly CascadePlan[];
  readonly stateDir: string;
  readonly exchange: (source: number, plan: VoicePlanned) => Promise<void>;
}

/**
 * Thresholds of voice sources, set while Catnap runs; the configuration has them again at the next start. Words of
 * one's own keep theirs.
 */
export class LiveThresholds {
  readonly #options: LiveThresholdsOptions;
  /** Changes go one after the other: each begins with what the one before made. */
  #changing: Promise<void> = Promise.resolve();

  constructor(options: LiveThresholdsOptions) {
    this.#options = options;
  }

  of(source: string): StageThresholds {
    const { sources, plans } = this.#options;
    const plan = plans[sources.indexOf(source)];
    return plan?.kind === 'voice' ? plan.stages.thresholds : { tiny: null, heavy: null };
  }

  /** @throws CatnapError `USAGE` for one there is none of, or that would stand on the wrong side of the other. */
  async set(name: ThresholdName, value: number): Promise<void> {
    const changed = this.#changing.then(() => this.#set(name, value));
    this.#changing = changed.catch(() => {});
    await changed;
  }

  async #set({ source, stage, bound }: ThresholdName, value: number): Promise<void> {
    const { sources, plans, stateDir, exchange } = this.#options;
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
    if (next.kind === 'voice') await exchange(index, next);
  }
}

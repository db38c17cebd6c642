import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CatnapError } from '../core/errors.js';
import type { CascadePlan } from './build.js';
import type { Config } from './config.js';
import { planCascade } from './plan.js';

/** Where a configuration stands. */
export interface ConfigFile {
  readonly path: string;
  /** Reads and checks it; throws what it finds wrong. */
  read(): Config;
  /** Checks a text that may come to stand there; throws what it finds wrong. */
  check(text: string): Config;
}

export type VoicePlanned = Extract<CascadePlan, { kind: 'voice' }>;

export interface LiveWordsOptions {
  /** What runs. */
  readonly config: Config;
  readonly file: ConfigFile;
  /** By source, in the order of the configuration: what each goes by now. */
  readonly plans: readonly CascadePlan[];
  /** Has a source go by another plan from now on; `SOURCE_UNAVAILABLE` when it cannot just now. */
  readonly exchange: (source: number, plan: VoicePlanned) => Promise<void>;
  /** Told once of each change what is wrong with it; what ran goes on. */
  readonly onError: (error: unknown) => void;
}

/**
 * Follows the words of a configuration file while Catnap runs. Nothing else of the file is followed: that waits for a
 * restart.
 */
export class LiveWords {
  readonly #options: LiveWordsOptions;
  #seen: string | null;
  #isLooking = false;

  constructor(options: LiveWordsOptions) {
    this.#options = options;
    this.#seen = this.#stamp();
  }

  /** Takes over what changed since the last look; tries again what a source could not take just then. */
  async look(): Promise<void> {
    const stamp = this.#stamp();
    if (this.#isLooking || stamp === null || stamp === this.#seen) return;
    this.#isLooking = true;
    this.#seen = stamp;
    try {
      await this.#follow(this.#options.file.read());
    } catch (error) {
      if (error instanceof CatnapError && error.code === 'SOURCE_UNAVAILABLE') this.#seen = null;
      else this.#options.onError(error);
    } finally {
      this.#isLooking = false;
    }
  }

  async #follow({ cascades }: Config): Promise<void> {
    const { config, plans, exchange } = this.#options;
    for (const [index, { id, cascade }] of config.sources.entries()) {
      const [running, written] = [plans[index], cascades[cascade]];
      if (running?.kind !== 'voice' || written?.kind !== 'voice') continue;
      const { words } = written.tiny;
      const changed = { ...running.config, tiny: { ...running.config.tiny, words } };
      const plan = await planCascade(changed, { source: id, stateDir: resolve(config.stateDir) });
      if (plan.kind !== 'voice' || isDeepStrictEqual(plan.stages, running.stages)) continue;
      await exchange(index, plan);
    }
  }

  /** Tells one state of the file from another; null while it is not there. */
  #stamp(): string | null {
    const found = statSync(this.#options.file.path, { throwIfNoEntry: false });
    return found === undefined ? null : `${found.ino} ${found.mtimeMs} ${found.size}`;
  }
}

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { CatnapError } from '../core/errors.js';
import { labelOfListed, type OwnWordConfig } from '../voice/words/config.js';
import type { CascadePlan } from './build.js';
import { type CascadeConfig, type Config, cascadeNameOf } from './config.js';
import type { RemovedWord } from './page/page-command.js';
import { type ListenedWords, listenedWords, planCascade } from './plan.js';

/** The cascade that is to listen for a word, or no longer, and what it listens for until now. */
interface WordPlace {
  readonly cascade: string;
  readonly listened: ListenedWords;
}

/** Where a configuration stands. */
export interface ConfigFile {
  readonly path: string;
  /** Reads and checks it; throws what it finds wrong. */
  read(): Config;
  /** Checks a text that may come to stand there; throws what it finds wrong. */
  check(text: string): Config;
  /** Writes a word of the owner's, in place of one of its label, beside those that are listened for until now. */
  addWord(word: OwnWordConfig, place: WordPlace): void;
  /**
   * Takes a word out, and its takes; throws `USAGE` where there is none of that label, and `WORD_IN_USE` where more is
   * said of it, which goes with it only if `anyway`.
   */
  removeWord(label: string, place: WordPlace & { readonly anyway: boolean }): RemovedWord;
  /** Writes from which confidence a word of the owner's is believed. */
  believeFrom(accept: number, word: { readonly cascade: string; readonly label: string }): void;
}

export type VoicePlanned = Extract<CascadePlan, { kind: 'voice' }>;

export interface LiveWordsOptions {
  /** What runs. */
  readonly config: Config;
  readonly file: ConfigFile;
  /** By source, in the order of the configuration: what each goes by now. */
  readonly plans: readonly CascadePlan[];
  /**
   * Has a source go by a plan from now on, and what listens beside it by what is written; does nothing where it does so
   * already, and throws `SOURCE_UNAVAILABLE` when it cannot just now.
   */
  readonly exchange: (source: number, plan: CascadePlan, written: Config) => Promise<void>;
  /** Goes by the routers that are named from now on. */
  readonly route: (routing: Config['uplink']['routing']) => void;
  /** Told once of each change what is wrong with it; what ran goes on. */
  readonly onError: (error: unknown) => void;
}

/**
 * Follows the words of a configuration file while Catnap runs, which cascade each source has, which listens beside it,
 * and by which router questions begin. Nothing else of the file is followed: that waits for a restart.
 */
export class LiveWords {
  readonly #options: LiveWordsOptions;
  #seen: string | null;
  #isLooking = false;
  /** By source: name of the cascade it goes by. */
  readonly #names: string[];

  constructor(options: LiveWordsOptions) {
    this.#options = options;
    this.#seen = this.#stamp();
    this.#names = options.config.sources.map(({ cascade }) => cascade);
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

  async #follow(written: Config): Promise<void> {
    const { config, plans, exchange, route } = this.#options;
    route(written.uplink.routing);
    for (const [index, { id, cascade }] of config.sources.entries()) {
      const name = cascadeNameOf(written.sources, id) ?? cascade;
      const [running, wanted] = [plans[index], written.cascades[name]];
      if (running === undefined || wanted === undefined || running.kind !== wanted.kind) continue;
      // Thresholds that were set while it runs stand as long as it goes by this cascade.
      const changed = name === this.#names[index] ? withWordsOf(running.config, wanted) : wanted;
      const plan = await planCascade(changed, { source: id, stateDir: resolve(config.stateDir) });
      if (plan.kind === 'voice' && running.kind === 'voice') requireSameEars(name, plan, running);
      await exchange(index, plan, written);
      this.#names[index] = name;
    }
  }

  /** Tells one state of the file from another; null while it is not there. */
  #stamp(): string | null {
    const found = statSync(this.#options.file.path, { throwIfNoEntry: false });
    return found === undefined ? null : `${found.ino} ${found.mtimeMs} ${found.size}`;
  }
}

/** What runs with the words that are written; what it says of words that are gone goes with them. */
function withWordsOf(running: CascadeConfig, written: CascadeConfig): CascadeConfig {
  if (running.kind !== 'voice' || written.kind !== 'voice') return running;
  const heard = listenedWords(written)?.map(labelOfListed);
  const gone = listenedWords(running)
    ?.map(labelOfListed)
    .filter((word) => heard?.includes(word) === false);
  const left = <Said>(byWord: Readonly<Record<string, Said>>): Record<string, Said> =>
    Object.fromEntries(Object.entries(byWord).filter(([word]) => gone?.includes(word) !== true));
  const { tiny, heavy, leadsTo, wakeActions, sequels } = running;
  return {
    ...running,
    tiny: { ...tiny, words: written.tiny.words, wordThresholds: left(tiny.wordThresholds) },
    heavy: {
      ...heavy,
      specialists: left(heavy.specialists),
      wordThresholds: left(heavy.wordThresholds),
    },
    leadsTo: left(leadsTo),
    wakeActions: left(wakeActions),
    ...(sequels === undefined ? {} : { sequels: left(sequels) }),
  };
}

/** What understands an order is loaded at the start. */
function requireSameEars(name: string, { stages }: VoicePlanned, running: VoicePlanned): void {
  const of = ({ endpointer, recogniser }: VoicePlanned['stages']) => ({ endpointer, recogniser });
  if (isDeepStrictEqual(of(stages), of(running.stages))) return;
  throw new CatnapError('USAGE', `${name} understands orders otherwise than what runs: restart Catnap`);
}

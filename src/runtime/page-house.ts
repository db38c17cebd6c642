import { join, resolve } from 'node:path';
import type { Health } from '../core/events/health.js';
import type { BareEvent } from '../core/events/stamp.js';
import type { RunCommand } from '../dashboard/commands.js';
import type { EventBus } from '../events/bus.js';
import { makersOf } from '../voice/makers.js';
import type { CascadePlan } from './build.js';
import type { Config } from './config.js';
import { LiveThresholds, type LiveThresholdsOptions } from './live-thresholds.js';
import type { ConfigFile } from './live-words.js';
import { OwnWords } from './own-words.js';
import { Mutes, type MutesDeps } from './page/mutes.js';
import { OfflineSwitch } from './page/offline-switch.js';
import { createRunCommand } from './page/page-commands.js';
import { PastThresholds } from './past-thresholds.js';
import { systemClock, systemTime, systemTimer } from './process/system-clock.js';
import { WordThreads } from './word-threads.js';
import { WrittenWords } from './written-words.js';

/** Below the state folder: which sources are muted. */
const MUTED_FILE = 'muted.json';

export interface PageHouseDeps {
  readonly config: Config;
  /** Null for a configuration that stands nowhere. */
  readonly file: ConfigFile | null;
  /** By source: what each goes by now. */
  readonly plans: readonly CascadePlan[];
  readonly bus: Pick<EventBus, 'history'>;
  readonly publish: (event: BareEvent) => void;
  readonly exchange: LiveThresholdsOptions['exchange'];
  readonly onMute: MutesDeps['onMute'];
  readonly onOffline: (isOffline: boolean, health: Health) => void;
}

/** What page and house may change while Catnap runs, and what of it is kept for the next start. */
export class PageHouse {
  readonly mutes: Mutes;
  readonly offline: OfflineSwitch;
  readonly thresholds: LiveThresholds;
  readonly runCommand: RunCommand;
  readonly #sources: readonly string[];
  readonly #threads = new WordThreads(systemTimer);
  readonly #ownWords: OwnWords;

  constructor({ config, file, plans, bus, publish, exchange, onMute, onOffline }: PageHouseDeps) {
    const stateDir = resolve(config.stateDir);
    const sources = config.sources.map(({ id }) => id);
    this.#sources = sources;
    this.mutes = new Mutes({ ...systemTime, path: join(stateDir, MUTED_FILE), onMute });
    this.offline = new OfflineSwitch({ stateDir, onChange: onOffline });
    this.thresholds = new LiveThresholds({ ...systemTime, sources, plans, stateDir, exchange });
    this.#ownWords = new OwnWords({ file, stateDir, threads: this.#threads });
    this.runCommand = createRunCommand({
      sources,
      sensors: sources.filter((_, i) => plans[i]?.kind === 'sensor'),
      mutes: this.mutes,
      offline: this.offline,
      thresholds: this.thresholds,
      past: new PastThresholds(config.journal.enabled ? stateDir : null, systemClock, (source) => {
        const plan = plans[sources.indexOf(source)];
        return plan?.kind === 'voice' ? makersOf(plan.config, plan.stages) : null;
      }),
      words: new WrittenWords(file),
      ownWords: this.#ownWords,
      stateDir,
      history: () => bus.history(),
      publish,
    });
  }

  async close(): Promise<void> {
    this.mutes.close();
    this.#ownWords.close();
    await this.#threads.close();
  }

  /**
   * Before any source is opened: what was muted is not heard for a moment, either. What was kept and cannot be read is
   * told, and keeps nothing else from being restored.
   */
  restore(onError: (where: string, error: unknown) => void): void {
    const kept = { mute: () => this.mutes.restore(this.#sources), offline: () => this.offline.restore() };
    for (const [where, restore] of Object.entries(kept)) {
      try {
        restore();
      } catch (error) {
        onError(where, error);
      }
    }
  }
}

import type { Clock } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import { tellWhatIf } from '../learning/tuning/tell-what-if.js';
import { type Changes, Replay } from '../learning/tuning/what-if.js';
import { pastIn } from './past.js';

const DAY_MS = 86_400_000;
/** What was read of the journal answers for so long: a slider asks many times in a minute. */
const FRESH_MS = 60_000;

interface Read {
  readonly about: string;
  readonly atMs: number;
  readonly replay: Promise<Replay>;
}

/** Answers what other thresholds would have made of the last days. */
export class PastThresholds {
  #read: Read | null = null;

  /** @param stateDir whose journal is asked; null: none is kept */
  constructor(
    private readonly stateDir: string | null,
    private readonly clock: Pick<Clock, 'wallMs'>,
  ) {}

  /**
   * What would have come of a source's last days, in a sentence.
   * @throws CatnapError `USAGE` where no journal is kept.
   */
  async ask(source: string, days: number, changes: Changes): Promise<string> {
    const nowMs = this.clock.wallMs();
    const about = `${source} ${days}`;
    if (this.#read?.about !== about || nowMs - this.#read.atMs > FRESH_MS)
      this.#read = { about, atMs: nowMs, replay: this.#replay(source, nowMs - days * DAY_MS) };
    return tellWhatIf((await this.#read.replay).with(changes));
  }

  async #replay(source: string, fromMs: number): Promise<Replay> {
    if (this.stateDir === null) throw new CatnapError('USAGE', 'expected a journal, found that none is kept');
    const replay = new Replay();
    const from = new Date(fromMs).toISOString();
    for await (const past of pastIn(this.stateDir, { source, from })) replay.take(past);
    return replay;
  }
}

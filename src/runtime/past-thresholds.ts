import type { Clock } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import { MadeNow, type MakersByWord } from '../learning/past/makers.js';
import { ReliabilityWatch, tellReliability } from '../learning/past/reliability.js';
import { JournalHearing } from '../learning/tuning/from-journal.js';
import { frontOf } from '../learning/tuning/front.js';
import { frontSvg } from '../learning/tuning/front-svg.js';
import { Noticed } from '../learning/tuning/noticed.js';
import { tellWhatIf } from '../learning/tuning/tell-what-if.js';
import type { WakeThresholds } from '../learning/tuning/tuning.js';
import { type Changes, Replay } from '../learning/tuning/what-if.js';
import { nearMissesIn, pastIn } from './past.js';

const DAY_MS = 86_400_000;
/** What was read of the journal answers for so long: a slider asks many times in a minute. */
const FRESH_MS = 60_000;

interface Read {
  readonly about: string;
  readonly atMs: number;
  readonly heard: Promise<Heard>;
}

/** The same detections, for either question. */
interface Heard {
  readonly replay: Replay;
  readonly hearing: JournalHearing;
  readonly reliability: ReliabilityWatch;
  /** What of it something else made, to be said behind what was not. */
  readonly leftOut: string;
}

/** A drawing, and what it shows in a sentence. */
export interface Front {
  readonly detail: string;
  readonly svg: string;
}

/** Answers what other thresholds would have made of the last days. */
export class PastThresholds {
  #read: Read | null = null;

  /**
   * @param stateDir whose journal is asked; null: none is kept
   * @param makersOf by source: what decides there now; null: anything counts
   */
  constructor(
    private readonly stateDir: string | null,
    private readonly clock: Pick<Clock, 'wallMs'>,
    private readonly makersOf: (source: string) => MakersByWord | null,
  ) {}

  /**
   * What would have come of a source's last days, in a sentence.
   * @throws CatnapError `USAGE` where no journal is kept.
   */
  async ask(source: string, days: number, changes: Changes): Promise<string> {
    const { replay, leftOut } = await this.#heard(source, days);
    return `${tellWhatIf(replay.with(changes))}${leftOut}`;
  }

  /**
   * Whether the stages of a source were as often right in its last days as they were sure, a line each.
   * @throws CatnapError `USAGE` where no journal is kept.
   */
  async reliability(source: string, days: number): Promise<string> {
    const told = (await this.#heard(source, days)).reliability.told();
    return told.length === 0 ? 'nothing is labelled' : told.map(tellReliability).join('\n');
  }

  /**
   * The front of a source's last days: for every threshold of heavy that no other is better than, what it would have
   * missed and taken for a word.
   * @param inForce what the source goes by
   * @throws CatnapError `USAGE` where no journal is kept, or nothing in it is known to have been right or wrong.
   */
  async front(source: string, days: number, inForce: WakeThresholds): Promise<Front> {
    const { hearing, leftOut } = await this.#heard(source, days);
    const { known, detections } = hearing;
    if (known === 0)
      throw new CatnapError(
        'USAGE',
        `expected detections of which somebody said what they were, found none among ${detections}${leftOut}`,
      );
    const listened = hearing.listened();
    const front = frontOf([{ notice: inForce.notice, listened }]);
    const now = Noticed.of(listened).outcome(inForce);
    const detail = `from ${detections} detections, of ${known} of which is known what they were${leftOut}`;
    return {
      detail,
      svg: frontSvg({ front, now, chosen: null, acceptOf: ({ thresholds }) => thresholds.accept }),
    };
  }

  async #heard(source: string, days: number): Promise<Heard> {
    const nowMs = this.clock.wallMs();
    const makers = this.makersOf(source);
    const about = JSON.stringify([source, days, makers]);
    if (this.#read?.about !== about || nowMs - this.#read.atMs > FRESH_MS)
      this.#read = { about, atMs: nowMs, heard: this.#hear(source, makers, nowMs - days * DAY_MS) };
    return this.#read.heard;
  }

  async #hear(source: string, makers: MakersByWord | null, fromMs: number): Promise<Heard> {
    if (this.stateDir === null) throw new CatnapError('USAGE', 'expected a journal, found that none is kept');
    const [replay, hearing, reliability] = [new Replay(), new JournalHearing(), new ReliabilityWatch()];
    const madeNow = new MadeNow(() => makers);
    const from = new Date(fromMs).toISOString();
    for await (const past of pastIn(this.stateDir, { source, from })) {
      reliability.take(past);
      if (!madeNow.has(past)) continue;
      replay.take(past, { apart: madeNow.apart(past) });
      hearing.take(past);
    }
    for await (const missed of nearMissesIn(this.stateDir, { source, from }))
      if (madeNow.almostNoticed(missed)) replay.takeNearMiss(missed);
    return { replay, hearing, reliability, leftOut: madeNow.told() };
  }
}

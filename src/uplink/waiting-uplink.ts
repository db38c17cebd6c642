import type { Escalation, SpeechStreams } from '../core/cascade/escalation.js';
import type { Timer } from '../core/clock.js';
import type { CatnapError } from '../core/errors.js';
import type { HealthCode } from '../core/events/health.js';
import type { BareEvent } from '../core/events/stamp.js';
import { every } from '../core/waiting.js';
import { createWayOut, type Passed } from '../egress/way-out.js';
import type { UplinkConfig } from './config.js';
import type { CountedUplink, UplinkStats } from './counted-uplink.js';
import { NO_TOTALS } from './queue/outbox.js';
import { createMemoryStore } from './queue/store.js';
import { NO_CALLS } from './upstream.js';

/** Between two looks at a disk that cannot be written. */
const RETRY_MS = 5_000;
/** Escalations that wait in memory; with ten seconds of speech each they are 10 MB. */
const MAX_WAITING = 32;
/** Audit rows of actions that wait, some hundred bytes each. */
const MAX_PASSED = 1_000;

export interface WaitingUplinkOptions {
  /** Opens the uplink; rejects with `STORE_FULL` as long as the disk cannot be written. */
  readonly open: () => Promise<CountedUplink>;
  /** Figures until it is open. */
  readonly nothing: UplinkStats;
  readonly timer: Timer;
  readonly publish: (event: BareEvent) => void;
  /** Tells of the outbox, where that is news. */
  readonly tellOutbox: (code: HealthCode, detail: string) => void;
  readonly onAway: (isAway: boolean) => void;
}

/**
 * An uplink whose store cannot be opened yet, because the disk is full or may not be written: the watching starts
 * without it. What is offered waits in memory, the oldest goes first, and all of it is handed over once there is room.
 */
export class WaitingUplink implements CountedUplink {
  #uplink: CountedUplink | null = null;
  #opening: Promise<void> | null = null;
  readonly #waiting: Escalation[] = [];
  readonly #passed: Passed[] = [];
  #passedLost = 0;
  #isOffline: boolean | null = null;
  readonly #stopTrying: () => void;

  constructor(
    private readonly options: WaitingUplinkOptions,
    private readonly why: CatnapError,
  ) {
    options.tellOutbox(why.code, why.message);
    options.onAway(true);
    this.#stopTrying = every(options.timer, RETRY_MS, () => {
      this.#opening ??= this.#open().finally(() => {
        this.#opening = null;
      });
    });
  }

  get speechStreams(): SpeechStreams | null {
    return this.#uplink?.speechStreams ?? null;
  }

  async offer(escalation: Escalation): Promise<void> {
    if (this.#uplink !== null) return this.#uplink.offer(escalation);
    this.#waiting.push(escalation);
    if (this.#waiting.length > MAX_WAITING) this.#drop(this.#waiting.shift());
  }

  prepare(): void {
    this.#uplink?.prepare();
  }

  setOffline(isOffline: boolean): void {
    this.#isOffline = isOffline;
    this.#uplink?.setOffline(isOffline);
  }

  async passed(passed: Passed): Promise<void> {
    if (this.#uplink !== null) return this.#uplink.passed(passed);
    this.#passed.push(passed);
    if (this.#passed.length <= MAX_PASSED) return;
    this.#passed.shift();
    this.#passedLost++;
  }

  stats(): UplinkStats {
    return this.#uplink?.stats() ?? this.options.nothing;
  }

  async close(deadlineMs: number, last?: Promise<unknown>): Promise<void> {
    this.#stopTrying();
    await this.#opening;
    if (this.#uplink !== null) return this.#uplink.close(deadlineMs, last);
    await last;
    for (const escalation of this.#waiting.splice(0)) this.#drop(escalation);
    this.#passedLost += this.#passed.splice(0).length;
    this.#tellPassedLost();
  }

  async #open(): Promise<void> {
    const uplink = await this.options.open().catch(() => null);
    if (uplink === null) return;
    this.#stopTrying();
    this.options.tellOutbox('OK', 'the disk can be written again');
    this.options.onAway(false);
    if (this.#isOffline !== null) uplink.setOffline(this.#isOffline);
    for (;;) {
      const next = this.#waiting.shift();
      const passed = this.#passed.shift();
      if (next === undefined && passed === undefined) break;
      if (next !== undefined) await uplink.offer(next);
      if (passed !== undefined) await uplink.passed(passed);
    }
    this.#tellPassedLost();
    this.#uplink = uplink;
  }

  /** What left and is written down nowhere is at least told. */
  #tellPassedLost(): void {
    if (this.#passedLost === 0) return;
    const detail = `${this.#passedLost} audit rows of actions found no room`;
    const code = this.why.code;
    this.options.publish({ type: 'health', component: 'uplink/audit', state: 'degraded', code, detail });
    this.#passedLost = 0;
  }

  #drop(escalation: Escalation | undefined): void {
    if (escalation === undefined) return;
    const { detection } = escalation;
    const { code, message: detail } = this.why;
    this.options.publish({ type: 'undelivered', detection, outcome: 'dropped', code, detail });
  }
}

/** What an uplink has counted that is not open yet. */
export function nothingDone({ providers, budget, offline }: UplinkConfig): UplinkStats {
  return {
    outbox: NO_TOTALS,
    waiting: { count: 0, bytes: 0 },
    store: createMemoryStore().counters,
    bytesOut: createWayOut(offline).bytesOut,
    upstreams: Object.fromEntries((offline ? [] : providers).map(({ name }) => [name, NO_CALLS])),
    budget: budget.map((limit) => ({ ...limit, spent: 0 })),
  };
}

import type { Escalation, SpeechStreams } from '../core/cascade/escalation.js';
import type { Timer } from '../core/clock.js';
import type { CatnapError } from '../core/errors.js';
import type { BareEvent } from '../core/events/stamp.js';
import { every } from '../core/waiting.js';
import type { Passed } from '../egress/way-out.js';
import type { CountedUplink, UplinkStats } from './counted-uplink.js';

/** Between two looks at a disk that cannot be written. */
const RETRY_MS = 5_000;
/** Escalations that wait in memory; with ten seconds of speech each they are 10 MB. */
const MAX_WAITING = 32;

export interface WaitingUplinkOptions {
  /** Opens the uplink; rejects with `STORE_FULL` as long as the disk cannot be written. */
  readonly open: () => Promise<CountedUplink>;
  /** Figures until it is open. */
  readonly nothing: UplinkStats;
  readonly timer: Timer;
  readonly publish: (event: BareEvent) => void;
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
  readonly #stopTrying: () => void;

  constructor(
    private readonly options: WaitingUplinkOptions,
    private readonly why: CatnapError,
  ) {
    const { code, message: detail } = why;
    options.publish({ type: 'health', component: 'uplink/outbox', state: 'degraded', code, detail });
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

  async passed(passed: Passed): Promise<void> {
    await this.#uplink?.passed(passed);
  }

  stats(): UplinkStats {
    return this.#uplink?.stats() ?? this.options.nothing;
  }

  async close(deadlineMs: number): Promise<void> {
    this.#stopTrying();
    await this.#opening;
    for (const escalation of this.#waiting.splice(0)) this.#drop(escalation);
    await this.#uplink?.close(deadlineMs);
  }

  async #open(): Promise<void> {
    const uplink = await this.options.open().catch(() => null);
    if (uplink === null) return;
    this.#stopTrying();
    const detail = 'the disk can be written again';
    this.options.publish({ type: 'health', component: 'uplink/outbox', state: 'ok', code: 'OK', detail });
    this.options.onAway(false);
    for (;;) {
      const next = this.#waiting.shift();
      if (next === undefined) break;
      await uplink.offer(next);
    }
    this.#uplink = uplink;
  }

  #drop(escalation: Escalation | undefined): void {
    if (escalation === undefined) return;
    const { detection } = escalation;
    const { code, message: detail } = this.why;
    this.options.publish({ type: 'undelivered', detection, outcome: 'dropped', code, detail });
  }
}

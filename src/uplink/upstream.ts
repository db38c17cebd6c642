import { Backoff } from '../core/backoff.js';
import { Breaker } from '../core/breaker.js';
import type { SpeechStart } from '../core/cascade/escalation.js';
import type { Clock, Timer } from '../core/clock.js';
import type { ErrorCode } from '../core/errors.js';
import type { Health } from '../core/events/health.js';
import { every, withDeadline } from '../core/waiting.js';
import type { Observer, Provider, Question, Reply, Session, SpeechStream } from './providers/provider.js';
import { asConnectionError, asUplinkError, UplinkError } from './providers/provider.js';
import type { ProviderConfig } from './providers/settings.js';

export interface UpstreamOptions {
  readonly retry: { readonly initialDelayMs: number; readonly maxDelayMs: number };
  readonly deadlines: { readonly replyMs: number; readonly idleMs: number };
  /** Failures in a row that open the breaker. */
  readonly failuresToOpen: number;
  /** How long a provider is left alone that only a person can mend, unless its secret changes. */
  readonly mendingPauseMs: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timer: Timer;
  /** Numbers from 0 to 1 for the jitter of the waits. */
  readonly random?: () => number;
  /** Told of each transition, once. */
  readonly onHealth: (health: Health) => void;
  /** Told of a connection that was opened ahead in vain, with the bytes that left on it. */
  readonly onWaste?: (bytes: number) => void;
  /** Called when it may have become ready earlier than it said. */
  readonly onReady: () => void;
}

/** The longest that a far end may ask to be left alone: what it says may be wrong. */
const MAX_RETRY_AFTER_MS = 3_600_000;

/** How often a paused upstream looks whether its secret was replaced. */
const SECRET_POLL_MS = 1_000;

/** A secret that is refused, an account without money: asking again soon is of no use. */
const NEEDS_A_PERSON: readonly ErrorCode[] = ['UPLINK_UNAUTHORISED', 'UPLINK_QUOTA'];

/** Share of the newest answer in the mean. */
const LATENCY_WEIGHT = 0.2;

/** What an upstream counts; monotonic. */
export interface UpstreamCounters {
  opened: number;
  failures: number;
  /** Connections opened because something might be said, that nothing was then said on. */
  speculationsWasted: number;
  speculations: number;
}

/** The counters of an upstream that was never asked. */
export const NO_CALLS: Readonly<UpstreamCounters> = {
  opened: 0,
  failures: 0,
  speculations: 0,
  speculationsWasted: 0,
};

/**
 * One provider as questions are sent to it: with its connection, the room it has, its breaker, its waits and what
 * asking there costs. The waits are on the monotonic clock, so that a jump of the wall clock changes nothing.
 */
export class Upstream {
  readonly counters: UpstreamCounters = { ...NO_CALLS };
  #claims = 0;
  #session: Session | null = null;
  #opening: Promise<Session> | null = null;
  /** Fails each question under way. */
  readonly #asked = new Set<(reason: UplinkError) => void>();
  #speculative = false;
  #retryAtMs = 0;
  #lastCounted: UplinkError | null = null;
  #health = 'ok/OK';
  #latencyMs: number | null = null;
  #stopIdling: () => void = () => {};
  /** Set while a person is waited for. */
  #stopWatchingSecret: (() => void) | null = null;
  /** Who waits for room, in order; told whether it is theirs. */
  readonly #queue: ((isClaimed: boolean) => void)[] = [];
  readonly #closing = new AbortController();
  /** Ends the connecting that is under way. */
  #dialling = new AbortController();
  readonly #breaker: Breaker;
  readonly #backoff: Backoff;

  constructor(
    readonly provider: Provider,
    /** What it costs, and how good it is held to be. */
    readonly config: ProviderConfig,
    private readonly options: UpstreamOptions,
  ) {
    const { retry, failuresToOpen, clock, random } = options;
    const { initialDelayMs: firstMs, maxDelayMs: maxMs } = retry;
    this.#backoff = new Backoff({ firstMs, maxMs, jitter: 'full' }, random);
    // Failures in a row, however far apart; how long it stays open is up to the backoff and the far end.
    const bounds = { failures: failuresToOpen, windowMs: Number.POSITIVE_INFINITY, halfOpenAfterMs: 0 };
    this.#breaker = new Breaker(bounds, clock);
  }

  get name(): string {
    return this.provider.name;
  }

  /** Milliseconds until the provider may be asked again; 0 is now. */
  get waitMs(): number {
    return Math.max(0, this.#retryAtMs - this.options.clock.monotonicMs());
  }

  /** True from a failure until the next answer. */
  get isAway(): boolean {
    return !this.#health.startsWith('ok');
  }

  /** How many more questions it takes now. After a failure one question goes first, as a probe. */
  get room(): number {
    if (this.waitMs > 0) return 0;
    const capacity = this.#backoff.isUnderWay ? 1 : (this.#session?.capacity ?? 1);
    return Math.max(0, capacity - this.#claims);
  }

  /** Mean latency of the latest answers; null before the first. */
  get latencyMs(): number | null {
    return this.#latencyMs;
  }

  /** Takes one place of {@link room}; {@link release} must follow. */
  claim(): void {
    this.#claims++;
    this.#stopIdling();
  }

  release(): void {
    this.#claims--;
    const next = this.room > 0 ? this.#queue.shift() : undefined;
    if (next !== undefined) {
      this.claim();
      next(true);
    } else if (this.#claims === 0) this.#startIdling();
  }

  /** Claims a place once there is room, in turn; false where it may not be asked or has none for too long. */
  claimWhenRoom(): Promise<boolean> {
    if (this.waitMs > 0 || this.#closing.signal.aborted) return Promise.resolve(false);
    if (this.room > 0) {
      this.claim();
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const { timer, deadlines } = this.options;
      const told = (isClaimed: boolean): void => {
        cancel();
        resolve(isClaimed);
      };
      const cancel = timer(deadlines.replyMs, () => {
        this.#queue.splice(this.#queue.indexOf(told), 1);
        resolve(false);
      });
      this.#queue.push(told);
    });
  }

  #sendAway(): void {
    for (const told of this.#queue.splice(0)) told(false);
  }

  /** True while a connection stands, so that asking costs no new one. */
  get isOpen(): boolean {
    return this.#session !== null && !this.#session.ending;
  }

  /** Opens the connection ahead of a question that may come. Failures count as they do for a question. */
  prepare(): void {
    if (this.waitMs > 0 || this.#session !== null || this.#opening !== null) return;
    this.#speculative = true;
    this.counters.speculations++;
    this.#open().catch((error: unknown) => this.#failed(error));
  }

  /** Opens the connection unless it is open. Rejects with an {@link UplinkError}. */
  async connect(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Asks once, within the reply deadline. Rejects with an {@link UplinkError}. */
  async ask(question: Question, observer: Observer): Promise<Reply> {
    const startedMs = this.options.clock.monotonicMs();
    try {
      const reply = await this.#ask(question, observer);
      this.#succeeded();
      this.#timed(this.options.clock.monotonicMs() - startedMs);
      return reply;
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Lets the provider hear what is being said, over the connection that the question will go. */
  async hear(start: SpeechStart, onSent: (bytes: number) => void): Promise<SpeechStream> {
    try {
      const session = await this.#open();
      if (session.hear === undefined)
        throw new UplinkError('UPLINK_REJECTED', `${this.name}: takes no speech`);
      this.#speculative = false;
      return session.hear(start, onSent);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  /** Ends the connection, and what is under way on it; the next question opens another. */
  hangUp(): void {
    this.#dialling.abort();
    this.#dialling = new AbortController();
    this.#session?.close();
  }

  close(): void {
    this.#closing.abort();
    this.#dialling.abort();
    this.#sendAway();
    this.#stopIdling();
    this.#stopWatchingSecret?.();
    this.#session?.close();
    this.#session = null;
  }

  async #ask(question: Question, observer: Observer): Promise<Reply> {
    const session = await this.#open();
    this.#speculative = false;
    const { replyMs } = this.options.deadlines;
    const late = () => new UplinkError('UPLINK_TIMEOUT', `${this.name}: no whole answer after ${replyMs} ms`);
    const asking = withDeadline(
      this.options.timer,
      replyMs,
      (signal) => {
        // Whatever still drips out of it after that is of no use to anyone.
        signal.addEventListener('abort', () => session.close(), { once: true });
        return session.ask(question, observer, signal);
      },
      late,
    );
    return new Promise((resolve, reject) => {
      this.#asked.add(reject);
      asking.then(resolve, reject).finally(() => this.#asked.delete(reject));
    });
  }

  async #open(): Promise<Session> {
    if (this.#session !== null && !this.#session.ending) return this.#session;
    this.#opening ??= this.#openNew().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #openNew(): Promise<Session> {
    // The old socket goes first: a session may only be resumed once it is closed.
    this.#session?.close();
    await this.#session?.ended;
    const session = await this.provider.open(this.#dialling.signal).catch((error: unknown) => {
      throw asConnectionError(error, this.name);
    });
    this.counters.opened++;
    this.#session = session;
    if (this.#claims === 0) this.#startIdling();
    void session.ended.then((reason) => {
      if (this.#session === session) this.#session = null;
      // Whatever a session makes of its own questions, none outlives it.
      for (const fail of this.#asked) fail(reason);
      this.#countWaste(session.greetingBytes);
    });
    return session;
  }

  #succeeded(): void {
    this.#backoff.reset();
    this.#breaker.reset();
    this.#retryAtMs = 0;
    this.#report({ state: 'ok', code: 'OK', detail: `${this.name} answers` });
  }

  #failed(cause: unknown): UplinkError {
    const error = asUplinkError(cause, this.name);
    // All questions under way fail with the one reason a connection ended for: it counts once.
    if (this.#closing.signal.aborted || error === this.#lastCounted) return error;
    this.#lastCounted = error;
    if (NEEDS_A_PERSON.includes(error.code)) {
      this.#pause(error);
    } else if (isTransient(error)) {
      this.counters.failures++;
      this.#breaker.failed();
      const backoffMs = this.#backoff.next();
      const waitMs = Math.min(error.retryAfterMs ?? backoffMs, MAX_RETRY_AFTER_MS);
      this.#retryAtMs = this.options.clock.monotonicMs() + waitMs;
      const isDown = this.#breaker.isOpen || error.code === 'UPLINK_FOREIGN';
      const state = isDown ? 'down' : 'degraded';
      this.#report({ state, code: error.code, detail: error.message });
    }
    if (this.waitMs > 0) this.#sendAway();
    return error;
  }

  /** What only a person can mend is not tried again and again: only when the secret changes, or after a long pause. */
  #pause(error: UplinkError): void {
    const { clock, timer, mendingPauseMs } = this.options;
    this.#retryAtMs = clock.monotonicMs() + mendingPauseMs;
    this.#report({ state: 'down', code: error.code, detail: error.message });
    this.#session?.close();
    this.#stopWatchingSecret ??= every(timer, SECRET_POLL_MS, () => void this.#lookForNewSecret());
  }

  async #lookForNewSecret(): Promise<void> {
    if ((await this.provider.secret?.hasChanged()) === true) this.#retryAtMs = 0;
    if (this.waitMs > 0 || this.#stopWatchingSecret === null) return;
    this.#stopWatchingSecret();
    this.#stopWatchingSecret = null;
    this.options.onReady();
  }

  #timed(latencyMs: number): void {
    const old = this.#latencyMs ?? latencyMs;
    this.#latencyMs = old + LATENCY_WEIGHT * (latencyMs - old);
  }

  #report(health: Health): void {
    const key = `${health.state}/${health.code}`;
    if (key === this.#health) return;
    this.#health = key;
    this.options.onHealth(health);
  }

  #startIdling(): void {
    this.#stopIdling();
    const { timer, deadlines } = this.options;
    this.#stopIdling = timer(deadlines.idleMs, () => this.#session?.close());
  }

  #countWaste(bytes: number): void {
    if (this.#speculative) {
      this.counters.speculationsWasted++;
      this.options.onWaste?.(bytes);
    }
    this.#speculative = false;
  }
}

/** True for failures that pass: the same question may be asked again later. */
export function isTransient(error: UplinkError): boolean {
  switch (error.code) {
    case 'UPLINK_UNAVAILABLE':
    case 'UPLINK_FOREIGN':
    case 'UPLINK_THROTTLED':
    case 'UPLINK_TIMEOUT':
    case 'UPLINK_REPLY':
      return true;
    default:
      return false;
  }
}

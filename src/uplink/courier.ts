import type { Clock, Timer } from '../core/clock.js';
import type { ErrorCode } from '../core/errors.js';
import type { BareEvent } from '../core/events/stamp.js';
import type { Accounts } from './accounts/accounts.js';
import { describeLimit } from './accounts/budget.js';
import type { UplinkWayOut } from './egress.js';
import { overBudget } from './exchange.js';
import type { Climbed, Ladder, Place } from './ladder.js';
import type { Answer } from './providers/answer.js';
import type { UplinkError } from './providers/provider.js';
import type { Outbox } from './queue/outbox.js';
import type { Waiting } from './queue/outbox-index.js';
import type { Upload } from './queue/upload.js';
import type { CloudSpeechStreams } from './speech-streams.js';
import { isTransient, type Upstream } from './upstream.js';

export interface CourierOptions {
  readonly outbox: Outbox;
  readonly wayOut: UplinkWayOut;
  readonly accounts: Accounts;
  readonly upstreams: readonly Upstream[];
  /** Every upstream, best first, as things stand now. */
  readonly ranked: () => readonly Upstream[];
  /** Speech that went ahead of its question. */
  readonly speechStreams: Pick<CloudSpeechStreams, 'upstreamOf' | 'handOver' | 'abandon'>;
  /** Whom what waits is asked of, and in what order. */
  readonly ladder: Ladder;
  readonly prompts: { readonly voice: string; readonly sensor: string };
  readonly clock: Clock;
  readonly timer: Timer;
  readonly publish: (event: BareEvent) => void;
  /** What events call the detection of an idempotency key. */
  readonly detectionOf: (key: string) => string;
  /** Told of every checked answer. */
  readonly onAnswer: (upload: Upload, answer: Answer) => void;
}

/** One time that an upload is taken to an upstream. */
interface Attempt {
  readonly place: Place;
  readonly waiting: Waiting;
  readonly upload: Upload;
  readonly startedMs: number;
}

/** Failures on an open connection after which an upload that the far end chokes on is held to be poison. */
const POISON_ATTEMPTS = 16;
/** A spent budget is looked at again at least this often. */
const MAX_HOLD_MS = 60_000;
/** Until a disk that refuses to be read, or a provider without room, is looked at again. */
const RECHECK_MS = 1_000;

/**
 * Takes uploads from the outbox to whichever provider will have them, and brings the answers back. The durable
 * queue is the retry loop: what fails goes back to its head, and the upstreams say when to come again.
 */
export class Courier {
  readonly #attempts = new Map<number, number>();
  readonly #underWay = new Set<Promise<void>>();
  #pumping: Promise<void> | null = null;
  #pumpAgain = false;
  #closed = false;
  #cancelWake: () => void = () => {};
  #heldUntilMs = 0;
  #isOverBudget = false;
  /** Keys of uploads whose audio went ahead. */
  readonly #spoken = new Set<string>();

  constructor(private readonly options: CourierOptions) {}

  /** True from a question that a budget did not allow until one that it does. */
  get isOverBudget(): boolean {
    return this.#isOverBudget;
  }

  /** Asks about an upload in the outbox whose audio went ahead, on the connection that heard it. */
  askAboutSpeech(key: string): void {
    this.#spoken.add(key);
    this.pump();
  }

  /** Starts whatever may be sent now, and sets a timer for what may be sent later. */
  pump(): void {
    this.#pumpAgain = true;
    this.#pumping ??= this.#pumpAll().finally(() => {
      this.#pumping = null;
      if (this.#pumpAgain && !this.#closed) this.pump();
    });
  }

  /** Waits until nothing is under way and nothing more can be sent now. */
  async settle(): Promise<void> {
    while (this.#underWay.size > 0 || this.#pumping !== null) {
      await Promise.allSettled([...this.#underWay, this.#pumping]);
    }
  }

  /** What goes on when its question is answered already is waited for like one. */
  follow(work: Promise<void>): void {
    const followed = work.finally(() => {
      this.#underWay.delete(followed);
      this.pump();
    });
    this.#underWay.add(followed);
  }

  /** Sends nothing further; what is under way is up to the upstreams. */
  stop(): void {
    this.#closed = true;
    this.#cancelWake();
  }

  async #pumpAll(): Promise<void> {
    let wakeMs = MAX_HOLD_MS;
    await this.options.outbox.forgetOwed();
    while (this.#pumpAgain && !this.#closed) {
      this.#pumpAgain = false;
      for (const key of this.#spoken) this.#startSpoken(key);
      this.#spoken.clear();
      while (!this.#closed) {
        // Read before the look: a wait that ends in between keeps its timer.
        wakeMs = this.#nextWakeMs();
        if (this.#heldForMs() > 0) break;
        const { ladder, outbox } = this.options;
        const free = this.options.ranked().find(({ room }) => room > 0);
        if (free === undefined) break;
        const waiting = await outbox.take(free.isOpen, ({ asks }) => ladder.firstFor(asks) !== null);
        if (waiting === null) break;
        const upstream = ladder.firstFor(waiting.asks);
        if (upstream === null) {
          // Somebody else was quicker while the outbox forgot what is too old.
          outbox.release(waiting);
          continue;
        }
        upstream.claim();
        this.#carry(upstream, waiting, () => {});
      }
    }
    this.#wakeIn(wakeMs);
  }

  #startSpoken(key: string): void {
    const { speechStreams, outbox } = this.options;
    const upstream = speechStreams.upstreamOf(key);
    const waiting = upstream === null || this.#heldForMs() > 0 ? null : outbox.takeKey(key);
    if (upstream === null || waiting === null) {
      speechStreams.abandon(key);
      return;
    }
    // Nothing is claimed here: the place of the upstream that the stream has claimed is now the question's.
    const stream = speechStreams.handOver(key);
    this.#carry(upstream, waiting, () => stream?.cancel());
  }

  /** Delivers on a place that is claimed, and gives it back; `after` sees to what was not used. */
  #carry(upstream: Upstream, waiting: Waiting, after: () => void): void {
    const place: Place = { upstream };
    const work = this.#deliver(place, waiting)
      .catch(() => {
        // Not the cloud's doing: the disk refuses to be read. Looked at again a little later.
        this.#heldUntilMs = this.options.clock.monotonicMs() + RECHECK_MS;
        this.options.outbox.release(waiting);
      })
      .finally(() => {
        after();
        place.upstream.release();
        this.#underWay.delete(work);
        this.pump();
      });
    this.#underWay.add(work);
  }

  #heldForMs(): number {
    return Math.max(0, this.#heldUntilMs - this.options.clock.monotonicMs());
  }

  /** Milliseconds until a wait that keeps something back is over; room that somebody gives back wakes by itself. */
  #nextWakeMs(): number {
    const held = this.#heldForMs();
    if (held > 0) return held;
    const { outbox, upstreams } = this.options;
    const waits = [...upstreams.map(({ waitMs }) => waitMs), outbox.laterDueMs ?? 0];
    return Math.min(...waits.filter((waitMs) => waitMs > 0), MAX_HOLD_MS);
  }

  #wakeIn(waitMs: number): void {
    const { outbox } = this.options;
    this.#cancelWake();
    if (this.#closed || (outbox.count === 0 && !outbox.isOwing)) return;
    this.#cancelWake = this.options.timer(waitMs + 1, () => this.pump());
  }

  async #deliver(place: Place, waiting: Waiting): Promise<void> {
    const { outbox, wayOut, accounts } = this.options;
    const stored = await outbox.read(waiting);
    if (stored === null) {
      await outbox.forgetDamaged(waiting);
      this.#lost(waiting, 'dropped', 'STORE_CORRUPT', 'the stored upload is damaged');
      return;
    }
    const upload = wayOut.review(stored);
    if (upload === null) {
      await accounts.refused(stored, `${stored.rule} (no more)`, 'denied', 'EGRESS_DENIED');
      await outbox.discard(waiting);
      this.#lost(waiting, 'denied', 'EGRESS_DENIED', 'the egress rules no longer let it out');
      return;
    }
    if (!(await this.#isAffordable(place, waiting, upload))) return;
    await this.#ask({ place, waiting, upload, startedMs: this.options.clock.monotonicMs() });
  }

  /** True when the budget allows asking; otherwise does with the upload what its rule says. */
  async #isAffordable(place: Place, waiting: Waiting, upload: Upload): Promise<boolean> {
    const { outbox, wayOut, accounts, clock, ladder } = this.options;
    const over = overBudget(upload, place.upstream, this.options);
    if (over === null) {
      this.#budgetHealth(null);
      return true;
    }
    const order = ladder.orderFor(upload.routing.asks);
    const payable = order.filter((other) => overBudget(upload, other, this.options) === null);
    this.#budgetHealth(payable.length > 0 ? null : describeLimit(over.limit));
    if (payable.length > 0) return this.#moveTo(payable, place, waiting);
    const atLimit = wayOut.ruleOf(upload)?.atLimit ?? 'drop';
    if (atLimit === 'hold' && Number.isFinite(over.waitMs)) {
      this.#heldUntilMs = clock.monotonicMs() + Math.min(over.waitMs, MAX_HOLD_MS);
      outbox.release(waiting);
      return false;
    }
    await accounts.refused(upload, upload.rule, 'over-budget', 'BUDGET_SPENT');
    await outbox.discard(waiting);
    const outcome = atLimit === 'settle' ? 'settled' : 'dropped';
    this.#lost(waiting, outcome, 'BUDGET_SPENT', `${describeLimit(over.limit)}: limit reached`);
    return false;
  }

  /** Takes a place where it can be paid; where there is no room now, the upload waits a little. */
  #moveTo(payable: readonly Upstream[], place: Place, waiting: Waiting): boolean {
    const other = payable.find(({ room }) => room > 0);
    if (other === undefined) {
      this.#heldUntilMs = this.options.clock.monotonicMs() + RECHECK_MS;
      this.options.outbox.release(waiting);
      return false;
    }
    other.claim();
    place.upstream.release();
    place.upstream = other;
    return true;
  }

  async #ask(attempt: Attempt): Promise<void> {
    const { place, waiting, upload } = attempt;
    const climbed = await this.options.ladder.climb(place, upload);
    switch (climbed.kind) {
      case 'answered':
        return this.#answered(attempt, climbed);
      case 'failed':
        return this.#failed(attempt, climbed.error);
      case 'unaffordable':
        this.options.outbox.release(waiting);
    }
  }

  /** Publishes an answer, or buries its question. */
  async #answered(attempt: Attempt, climbed: Extract<Climbed, { kind: 'answered' }>): Promise<void> {
    const { outbox, publish } = this.options;
    const { waiting, upload } = attempt;
    const { judged, provider, spent, ops } = climbed;
    this.#attempts.delete(waiting.seq);
    const guardrails = judged.marks.length === 0 ? {} : { guardrails: judged.marks };
    if (!judged.ok) {
      const { code, problem } = judged;
      await outbox.bury(waiting, upload, code, problem, ops);
      this.#lost(waiting, 'dead-letter', code, problem, guardrails);
      return;
    }
    await outbox.remove(waiting, ops);
    const { label, text } = judged.answer;
    const cost = { ...spent, latencyMs: this.#latencyMs(attempt) };
    const detection = this.options.detectionOf(waiting.key);
    const isJudged = climbed.steps.some(({ judges }) => judges.length > 0);
    const steps = climbed.steps.length > 1 || isJudged ? { steps: climbed.steps } : {};
    publish({
      type: 'verdict',
      detection,
      provider,
      label,
      text,
      ...guardrails,
      ...steps,
      ...routesOf(upload),
      cost,
    });
    this.options.onAnswer(upload, judged.answer);
  }

  /** Puts an upload back, or to the dead letters where asking again is no use. */
  async #failed({ place, waiting, upload }: Attempt, error: UplinkError): Promise<void> {
    const { outbox } = this.options;
    const failures = (this.#attempts.get(waiting.seq) ?? 0) + (isTransient(error) ? 1 : 0);
    this.#attempts.set(waiting.seq, failures);
    const isPoison = failures >= POISON_ATTEMPTS && error.code === 'UPLINK_REPLY';
    if (error.code !== 'UPLINK_REJECTED' && !isPoison) {
      outbox.release(waiting);
      return;
    }
    this.#attempts.delete(waiting.seq);
    await outbox.bury(waiting, upload, error.code, error.message);
    this.#lost(waiting, 'dead-letter', error.code, `${place.upstream.name}: ${error.message}`);
  }

  #latencyMs({ startedMs }: Attempt): number {
    return this.options.clock.monotonicMs() - startedMs;
  }

  #lost(
    waiting: Pick<Waiting, 'key'>,
    outcome: Extract<BareEvent, { type: 'undelivered' }>['outcome'],
    code: ErrorCode,
    detail: string,
    more: Pick<Extract<BareEvent, { type: 'undelivered' }>, 'guardrails'> = {},
  ): void {
    const detection = this.options.detectionOf(waiting.key);
    this.options.publish({ type: 'undelivered', detection, outcome, code, detail, ...more });
  }

  #budgetHealth(spent: string | null): void {
    if ((spent !== null) === this.#isOverBudget) return;
    this.#isOverBudget = spent !== null;
    const state = spent === null ? 'ok' : 'degraded';
    const code = spent === null ? 'OK' : 'BUDGET_SPENT';
    const detail = spent === null ? 'the budget allows asking again' : `${spent}: limit reached`;
    this.options.publish({ type: 'health', component: 'uplink/budget', state, code, detail });
  }
}

/** Where routers that were learnt had it begin: the one that decides, and the one that is only looked at. */
function routesOf({
  routing: { asks },
}: Upload): Pick<Extract<BareEvent, { type: 'verdict' }>, 'asks' | 'routes'> {
  const { begin, because, beside } = asks;
  const decided = because === '' ? {} : { asks: { begin, because } };
  if (beside === undefined) return decided;
  const { candidate, begin: would, because: why } = beside;
  return { ...decided, routes: { begun: begin, candidate, would, because: why } };
}

import type { Clock, Timer } from '../core/clock.js';
import type { ErrorCode } from '../core/errors.js';
import type { BareEvent } from '../core/events/stamp.js';
import type { Accounts, Charge } from './accounts/accounts.js';
import type { AuditRow } from './accounts/audit.js';
import type { UplinkWayOut } from './egress.js';
import { final, type Judge, type Judged } from './guardrails/guard.js';
import type { Answer } from './providers/answer.js';
import { asUplinkError, type Question, type UplinkError, type Usage } from './providers/provider.js';
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
  /** What every answer goes through. */
  readonly judge: Judge;
  /** Whether an answer is shown as it streams: before anybody has judged it. */
  readonly showsParts: boolean;
  readonly prompts: { readonly voice: string; readonly sensor: string };
  readonly clock: Clock;
  readonly timer: Timer;
  readonly publish: (event: BareEvent) => void;
  /** What events call the detection of an idempotency key. */
  readonly detectionOf: (key: string) => string;
  /** Told of every checked answer. */
  readonly onAnswer: (upload: Upload, answer: Answer) => void;
}

/** A place that is claimed at an upstream; whoever can pay elsewhere moves on. */
interface Place {
  upstream: Upstream;
}

/** One time that an upload is taken to an upstream. */
interface Attempt {
  readonly upstream: Upstream;
  readonly waiting: Waiting;
  readonly upload: Upload;
  readonly startedMs: number;
  /** What is set aside for it; null before that and once it is settled. */
  charge: Charge | null;
}

/** The far end did nothing for these: it refused to. */
const REFUSALS: readonly ErrorCode[] = [
  'UPLINK_REJECTED',
  'UPLINK_THROTTLED',
  'UPLINK_UNAUTHORISED',
  'UPLINK_QUOTA',
  'UPLINK_FOREIGN',
];

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

  /** Sends nothing further; what is under way is up to the upstreams. */
  stop(): void {
    this.#closed = true;
    this.#cancelWake();
  }

  async #pumpAll(): Promise<void> {
    while (this.#pumpAgain && !this.#closed) {
      this.#pumpAgain = false;
      for (const key of this.#spoken) this.#startSpoken(key);
      this.#spoken.clear();
      while (!this.#closed && this.#heldForMs() === 0) {
        const upstream = this.options.ranked().find(({ room }) => room > 0);
        if (upstream === undefined) break;
        const waiting = await this.options.outbox.take(upstream.isOpen);
        if (waiting === null) break;
        upstream.claim();
        this.#carry(upstream, waiting, () => {});
      }
    }
    this.#wakeLater();
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

  #wakeLater(): void {
    this.#cancelWake();
    const { outbox, upstreams, timer } = this.options;
    if (this.#closed || outbox.count === 0) return;
    const held = this.#heldForMs();
    const waits = upstreams.map(({ waitMs }) => waitMs).filter((waitMs) => waitMs > 0);
    const later = outbox.laterDueMs;
    if (later !== null) waits.push(later);
    const waitMs = held > 0 ? held : Math.min(...waits, MAX_HOLD_MS);
    this.#cancelWake = timer(waitMs + 1, () => this.pump());
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
    await this.#ask({
      upstream: place.upstream,
      waiting,
      upload,
      startedMs: this.options.clock.monotonicMs(),
      charge: null,
    });
  }

  /** True when the budget allows asking; otherwise does with the upload what its rule says. */
  async #isAffordable(place: Place, waiting: Waiting, upload: Upload): Promise<boolean> {
    const { outbox, wayOut, accounts, clock, ranked } = this.options;
    const overAt = ({ config }: Upstream) => accounts.check(upload, config, this.#promptBytes(upload));
    const over = overAt(place.upstream);
    const payable = over === null ? [place.upstream] : ranked().filter((other) => overAt(other) === null);
    this.#budgetHealth(
      over === null || payable.length > 0 ? null : `${over.limit.what} per ${over.limit.per}`,
    );
    if (over === null) return true;
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
    this.#lost(waiting, outcome, 'BUDGET_SPENT', `${over.limit.what} per ${over.limit.per}: limit reached`);
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
    const { outbox, accounts } = this.options;
    const { upstream, waiting, upload } = attempt;
    try {
      // Connected first: a cloud that cannot be reached costs nothing.
      await upstream.connect();
      // Others may have spent it meanwhile. Between this look and setting it aside nothing else runs.
      if (accounts.check(upload, upstream.config, this.#promptBytes(upload)) !== null) {
        outbox.release(waiting);
        return;
      }
      attempt.charge = await accounts.reserve(upload, upstream.config, this.#promptBytes(upload));
      const { usage, judged } = await this.#askJudged(upstream, upload, attempt.charge);
      await this.#answered(attempt, attempt.charge, usage, judged);
    } catch (cause) {
      await this.#failed(attempt, asUplinkError(cause, upstream.name));
    }
  }

  /** Asks, judges, and where another answer may be better asks once more. */
  async #askJudged(
    upstream: Upstream,
    upload: Upload,
    charge: Charge,
  ): Promise<{ readonly usage: Usage; readonly judged: Judged }> {
    const { accounts, judge, showsParts, publish, detectionOf } = this.options;
    const onSent = (bytes: number) => {
      charge.bytesUp += bytes;
    };
    const onPart = (text: string) => {
      if (showsParts) publish({ type: 'answer-part', detection: detectionOf(upload.key), text });
    };
    const first = await upstream.ask({ kind: 'ask', upload }, { onPart, onSent });
    const judged = await judge(first.text, upload);
    if (judged.ok || !judged.mayAskAgain) return { usage: first.usage, judged };
    // A repair costs what a question costs; without the means for it the answer stays refused.
    const promptBytes = this.#promptBytes(upload);
    if (accounts.check(upload, upstream.config, promptBytes) !== null)
      return { usage: first.usage, judged: final(judged) };
    await accounts.extend(charge, upload, upstream.config, promptBytes);
    const repair: Question = { kind: 'repair', upload, problem: judged.problem, answer: first.text };
    const second = await upstream.ask(repair, { onPart: () => {}, onSent });
    const usage = sum(first.usage, second.usage);
    return { usage, judged: final(await judge(second.text, upload), judged.marks) };
  }

  /** Settles the bill of an answer, and publishes it or buries its question. */
  async #answered(attempt: Attempt, charge: Charge, usage: Usage, judged: Judged): Promise<void> {
    const { outbox, accounts, publish } = this.options;
    const { upstream, waiting, upload } = attempt;
    const provider = upstream.name;
    const row = { provider, latencyMs: this.#latencyMs(attempt), ...recordOf(judged) };
    const { ops, money } = accounts.answered(charge, upload, usage, row, upstream.config);
    attempt.charge = null;
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
    const { bytesUp, bytesDown } = usage;
    const tokens = usage.inputTokens + usage.outputTokens;
    const cost = { bytesUp, bytesDown, tokens, money, latencyMs: this.#latencyMs(attempt) };
    const detection = this.options.detectionOf(waiting.key);
    publish({ type: 'verdict', detection, provider, label, text, ...guardrails, cost });
    this.options.onAnswer(upload, judged.answer);
  }

  /** Writes down what left in vain, and puts the upload back, or to the dead letters where asking again is no use. */
  async #failed(attempt: Attempt, error: UplinkError): Promise<void> {
    const { outbox, accounts } = this.options;
    const { upstream, waiting, upload, charge } = attempt;
    if (charge !== null) {
      const outcome = REFUSALS.includes(error.code) ? 'rejected' : 'failed';
      const latencyMs = this.#latencyMs(attempt);
      const row = { provider: upstream.name, latencyMs, outcome, verdict: error.code } as const;
      await accounts.failed(charge, upload, row, upstream.config);
    }
    const failures = (this.#attempts.get(waiting.seq) ?? 0) + (isTransient(error) ? 1 : 0);
    this.#attempts.set(waiting.seq, failures);
    const isPoison = failures >= POISON_ATTEMPTS && error.code === 'UPLINK_REPLY';
    if (error.code !== 'UPLINK_REJECTED' && !isPoison) {
      outbox.release(waiting);
      return;
    }
    this.#attempts.delete(waiting.seq);
    await outbox.bury(waiting, upload, error.code, error.message);
    this.#lost(waiting, 'dead-letter', error.code, `${upstream.name}: ${error.message}`);
  }

  #latencyMs({ startedMs }: Attempt): number {
    return this.options.clock.monotonicMs() - startedMs;
  }

  #promptBytes(upload: Upload): number {
    return Buffer.byteLength(this.options.prompts[upload.kind]);
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

/** What an audit row says of an answer. */
function recordOf(judged: Judged): Pick<AuditRow, 'outcome' | 'verdict' | 'guardrails'> {
  const guardrails = judged.marks.map(({ name, outcome }) => `${name}:${outcome}`).join(' ');
  if (judged.ok) return { outcome: 'answered', verdict: judged.answer.label, guardrails };
  const outcome = judged.code === 'UPLINK_GUARDRAIL' ? 'blocked' : 'failed';
  return { outcome, verdict: judged.code, guardrails };
}

function sum(first: Usage, second: Usage): Usage {
  return {
    bytesUp: first.bytesUp + second.bytesUp,
    bytesDown: first.bytesDown + second.bytesDown,
    inputTokens: first.inputTokens + second.inputTokens,
    audioTokens: first.audioTokens + second.audioTokens,
    outputTokens: first.outputTokens + second.outputTokens,
  };
}

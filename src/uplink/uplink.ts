import type { UplinkConfig } from '../config/uplink.js';
import type { Clock } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import { type CascadeEvent, EVENT_VERSION } from '../core/events.js';
import type { Escalation, Uplink } from '../core/uplink.js';
import { type Answer, createAnswerCheck } from './answer.js';
import { isTransient, Link } from './link.js';
import { createMemoryStore, Outbox } from './outbox.js';
import type { Waiting } from './outbox-index.js';
import { createPlainProvider } from './plain.js';
import type { Question, Reply, Upload, Usage } from './provider.js';
import { asUplinkError } from './provider.js';
import { createSecret } from './secret.js';

/** What an uplink needs of its surroundings. */
export interface UplinkDeps {
  /** Takes verdicts, answer parts, losses and health. Never throws. */
  readonly publish: (event: CascadeEvent) => void;
  readonly clock: Clock;
  /** Identifies the run in the events' `measured` block. */
  readonly run: string;
}

/** Failures of one upload, each on an open connection, after which it is held to be poison. */
const POISON_ATTEMPTS = 16;
const FAILURES_TO_OPEN = 5;
const UNAUTHORISED_PAUSE_MS = 300_000;

/** Makes the uplink of a configuration. Opens nothing yet; throws `CONFIG_INVALID`. */
export async function createUplink(config: UplinkConfig, deps: UplinkDeps): Promise<Uplink> {
  return new OutboxUplink(config, deps);
}

type WithoutBase<T> = T extends CascadeEvent ? Omit<T, 'v' | 'id' | 'measured'> : never;
type UplinkEvent = WithoutBase<CascadeEvent>;

class OutboxUplink implements Uplink {
  readonly #outbox: Outbox;
  readonly #links: readonly Link[];
  readonly #check: ReturnType<typeof createAnswerCheck>;
  readonly #attempts = new Map<number, number>();
  readonly #underWay = new Set<Promise<void>>();
  #eventCount = 0;
  #pumping = false;
  #pumpAgain = false;
  #closed = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly config: UplinkConfig,
    private readonly deps: UplinkDeps,
  ) {
    this.#check = createAnswerCheck(config.answerSchema, []);
    this.#outbox = new Outbox(createMemoryStore(), {
      limits: { maxBytes: 16 * 1024 * 1024, maxCount: 10_000, maxAgeMs: 24 * 3_600_000 },
      clock: deps.clock,
      onLoss: (waiting, outcome) => this.#lost(waiting, outcome, 'STORE_FULL', 'outbox bound reached'),
    });
    this.#links = config.offline ? [] : config.providers.map((provider) => this.#link(provider));
  }

  async offer(escalation: Escalation): Promise<void> {
    if (this.#closed) throw new CatnapError('UPLINK_UNAVAILABLE', 'uplink: closed');
    const upload = uploadOf(escalation);
    if (this.#links.length === 0) {
      const detail = this.config.offline ? 'offline' : 'no provider is configured';
      this.#lost(upload, 'denied', 'EGRESS_DENIED', detail);
      return;
    }
    await this.#outbox.put(upload);
    this.#pump();
  }

  prepare(): void {
    if (!this.#closed) this.#links.find((link) => link.waitMs === 0)?.prepare();
  }

  async close(deadlineMs: number): Promise<void> {
    const flushed = this.#flush();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, deadlineMs);
    });
    await Promise.race([flushed, late]);
    clearTimeout(timer);
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const link of this.#links) link.close();
    await Promise.allSettled(this.#underWay);
    await this.#outbox.close();
  }

  /** Waits until nothing is under way and nothing more can be sent now. */
  async #flush(): Promise<void> {
    while (this.#underWay.size > 0 || this.#pumping) {
      await Promise.allSettled(this.#underWay);
      await new Promise(setImmediate);
    }
  }

  #link(provider: UplinkConfig['providers'][number]): Link {
    const { deadlines, retry, prompts, answerSchema } = this.config;
    const plain = createPlainProvider({
      name: provider.name,
      url: provider.url,
      secret: createSecret(provider.secret),
      connectTimeoutMs: deadlines.connectMs,
      heartbeatMs: deadlines.heartbeatMs,
      prompts,
      answerSchema,
    });
    return new Link(plain, {
      retry,
      deadlines,
      failuresToOpen: FAILURES_TO_OPEN,
      unauthorisedPauseMs: UNAUTHORISED_PAUSE_MS,
      clock: this.deps.clock,
      onReady: () => this.#pump(),
      onHealth: (health) =>
        this.#publish({ type: 'health', component: `uplink/${provider.name}`, ...health }),
    });
  }

  /** Starts whatever may be sent now, and sets a timer for what may be sent later. */
  #pump(): void {
    this.#pumpAgain = true;
    if (this.#pumping) return;
    this.#pumping = true;
    void this.#pumpAll().finally(() => {
      this.#pumping = false;
    });
  }

  async #pumpAll(): Promise<void> {
    while (this.#pumpAgain && !this.#closed) {
      this.#pumpAgain = false;
      for (;;) {
        const link = this.#links.find((candidate) => candidate.room > 0);
        if (link === undefined) break;
        const waiting = await this.#outbox.take();
        if (waiting === null) break;
        link.claim();
        const work = this.#deliver(link, waiting).finally(() => {
          link.release();
          this.#underWay.delete(work);
          this.#pump();
        });
        this.#underWay.add(work);
      }
    }
    this.#wakeLater();
  }

  #wakeLater(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#closed || this.#outbox.count === 0) return;
    const waits = this.#links.map((link) => link.waitMs).filter((waitMs) => waitMs > 0);
    if (waits.length === 0) return;
    this.#timer = setTimeout(() => this.#pump(), Math.min(...waits) + 1);
  }

  async #deliver(link: Link, waiting: Waiting): Promise<void> {
    const startedMs = this.deps.clock.monotonicMs();
    try {
      const upload = await this.#outbox.read(waiting);
      if (upload === null) return await this.#bury(waiting, 'STORE_CORRUPT', 'stored upload is unreadable');
      const { reply, answer, problem } = await this.#askForAnswer(link, upload);
      if (answer === null) return await this.#bury(waiting, 'UPLINK_REPLY', problem);
      await this.#outbox.remove(waiting);
      this.#attempts.delete(waiting.seq);
      this.#publish({
        type: 'verdict',
        detection: waiting.detection,
        provider: link.name,
        label: answer.label,
        text: answer.text,
        cost: {
          bytesUp: reply.bytesUp,
          bytesDown: reply.bytesDown,
          tokens: reply.inputTokens + reply.outputTokens,
          money: 0,
          latencyMs: this.deps.clock.monotonicMs() - startedMs,
        },
      });
    } catch (cause) {
      await this.#undelivered(link, waiting, cause);
    }
  }

  /** Asks, checks, and where the answer breaks its schema asks once more. */
  async #askForAnswer(
    link: Link,
    upload: Upload,
  ): Promise<{ reply: Usage; answer: Answer | null; problem: string }> {
    const onPart = (text: string) => {
      this.#publish({ type: 'answer-part', detection: upload.detection, text });
    };
    const first = await link.ask({ kind: 'ask', upload }, onPart);
    const checked = this.#check(first.text);
    if (checked.ok) return { reply: first.usage, answer: checked.answer, problem: '' };
    const repair: Question = { kind: 'repair', upload, problem: checked.problem, answer: first.text };
    const second = await link.ask(repair, () => {});
    const again = this.#check(second.text);
    const reply = sum(first, second);
    return again.ok
      ? { reply, answer: again.answer, problem: '' }
      : { reply, answer: null, problem: again.problem };
  }

  async #undelivered(link: Link, waiting: Waiting, cause: unknown): Promise<void> {
    const error = asUplinkError(cause, link.name);
    if (error.code === 'UPLINK_REJECTED') return this.#bury(waiting, error.code, error.message);
    const attempts = (this.#attempts.get(waiting.seq) ?? 0) + (isTransient(error) ? 1 : 0);
    this.#attempts.set(waiting.seq, attempts);
    const isPoison = attempts >= POISON_ATTEMPTS && error.code === 'UPLINK_REPLY';
    if (isPoison) return this.#bury(waiting, error.code, error.message);
    this.#outbox.release(waiting);
  }

  async #bury(waiting: Waiting, code: string, detail: string): Promise<void> {
    this.#attempts.delete(waiting.seq);
    await this.#outbox.bury(waiting, code, detail);
    this.#lost(waiting, 'dead-letter', code, detail);
  }

  #lost(
    waiting: Pick<Waiting, 'detection'>,
    outcome: 'dead-letter' | 'evicted' | 'expired' | 'denied',
    code: string,
    detail: string,
  ): void {
    this.#publish({ type: 'undelivered', detection: waiting.detection, outcome, code, detail });
  }

  #publish(event: UplinkEvent): void {
    const { clock, run } = this.deps;
    this.deps.publish({
      ...event,
      v: EVENT_VERSION,
      id: `uplink/${this.#eventCount++}`,
      measured: { wallTime: new Date(clock.wallMs()).toISOString(), run, latencyMs: null },
    });
  }
}

function sum(first: Reply, second: Reply): Usage {
  return {
    bytesUp: first.usage.bytesUp + second.usage.bytesUp,
    bytesDown: first.usage.bytesDown + second.usage.bytesDown,
    inputTokens: first.usage.inputTokens + second.usage.inputTokens,
    outputTokens: first.usage.outputTokens + second.usage.outputTokens,
  };
}

function uploadOf(escalation: Escalation): Upload {
  return { ...escalation, kind: escalation.summary === null ? 'voice' : 'sensor' };
}

import { randomBytes } from 'node:crypto';
import { Breaker, type BreakerBounds } from '../core/breaker.js';
import type { Time } from '../core/clock.js';
import { type News, ToldHealth } from '../core/events/health.js';
import { type Broker, type Message, type MessageProperties, publishThrough } from '../egress/broker.js';
import type { WayOut } from '../egress/way-out.js';
import { encodeQuestion, type Question } from './question.js';
import { decodeReply, type Reply } from './reply.js';
import { type EdgeTopics, levelOf } from './topics.js';
import { Workers } from './workers.js';

/** Who asks, and by which way. */
export interface AskerDeps extends Time {
  /** Speaks MQTT 5. */
  readonly broker: Broker;
  readonly wayOut: Pick<WayOut, 'leave'>;
  readonly topics: EdgeTopics;
  /** Name of this device. */
  readonly device: string;
  /** Of Catnap: workers of another are not asked. */
  readonly version: string;
  /** Told of workers as a whole, and by name of one that is not as it has to be. */
  readonly onHealth: (news: News) => void;
}

/** Of whom a question is asked, and for how long. */
export interface AskTerms {
  /** Of the stage, for which workers are subscribed. */
  readonly kind: string;
  /** What the question is told to workers under beforehand ({@link EdgeAsker.prepare}). */
  readonly key: string;
  readonly waitMs: number;
  /** The worker that is to answer; null: any. */
  readonly worker: string | null;
  readonly signal: AbortSignal;
}

/** An answer, and who gave it. */
export interface Answered extends Reply {
  readonly worker: string;
}

/** One question that no worker has answered yet. */
interface Pending extends Pick<AskTerms, 'kind' | 'key'> {
  readonly payload: Buffer;
  readonly properties: MessageProperties;
  /** The one worker that it is for; null: any. */
  readonly worker: string | null;
  readonly settle: (answered: Answered | null) => void;
}

/** Workers that are gone for less than this are waited for: a broker that is started anew, a worker likewise. */
const GRACE_MS = 2000;
/** Workers that are there and do not answer: three in a row; asked again after half a minute. */
const BREAKER: BreakerBounds = { failures: 3, windowMs: Number.POSITIVE_INFINITY, halfOpenAfterMs: 30_000 };
/** Questions that wait at one time; a device has a few sources. */
const PENDING_MAX = 64;
const ID_BYTES = 12;

/**
 * Asks the workers of the house over a broker. A question goes to whichever worker the broker chooses; when one is
 * gone, or another comes, what is not answered yet is asked again: answers are the same whoever gives them, and the
 * first counts. One that lacks what a question asks of is not asked it again. Nothing waits here for longer than its
 * question.
 */
export class EdgeAsker {
  readonly #deps: AskerDeps;
  readonly #breaker: Breaker;
  readonly #closing = new AbortController();
  readonly #pending = new Map<string, Pending>();
  readonly #workers: Workers;
  /** What each worker that comes is told to load. */
  readonly #prepared = new Map<string, Buffer>();
  /** Since when nobody can be asked, monotonic; null while somebody can. */
  #lonelySinceMs: number | null;
  #isUp = false;
  #turn = 0;
  readonly #health: ToldHealth;

  constructor(deps: AskerDeps) {
    this.#deps = deps;
    this.#health = new ToldHealth(deps.onHealth);
    this.#workers = new Workers(deps.version, deps.onHealth);
    this.#breaker = new Breaker(BREAKER, deps.clock);
    this.#lonelySinceMs = deps.clock.monotonicMs();
  }

  /** Host of the broker, for the audit. */
  get host(): string {
    return this.#deps.broker.host;
  }

  /** Connects, for good. */
  open(): void {
    const { broker, topics, device } = this.#deps;
    broker.keep({
      clientId: `catnap-edge-${levelOf(device)}`,
      will: null,
      topics: [topics.reply(levelOf(device)), topics.workers],
      what: 'edge',
      onUp: () => {
        this.#isUp = true;
        // Workers that are there have been told of before that.
        if (this.#workers.size === 0)
          this.#health.become('degraded', 'EDGE_AWAY', `${broker.host} is there, no worker yet`);
        for (const pending of this.#pending.values()) this.#put(pending);
      },
      onDown: (why) => {
        this.#isUp = false;
        this.#workers.clear();
        this.#look();
        this.#health.become('degraded', 'EDGE_AWAY', why.message);
      },
      onMessage: (message) => this.#take(message),
    });
  }

  /** Tells workers, those of today and of later, what they may be asked. */
  prepare(key: string, question: Pick<Question, 'role' | 'name' | 'description'>): void {
    const payload = Buffer.from(JSON.stringify(question));
    if (this.#prepared.get(key)?.equals(payload)) return;
    this.#prepared.set(key, payload);
    this.#workers.renew(key);
    if (this.#workers.size > 0) this.#sendPrepared(payload);
  }

  /** Asks, and resolves with the first answer; null when none came within `waitMs`, or none is to be expected. */
  ask(
    question: Question,
    { kind, key: prepared, waitMs, worker, signal }: AskTerms,
  ): Promise<Answered | null> {
    if (!this.#mayAsk(kind, prepared)) return Promise.resolve(null);
    const { topics, device, timer } = this.#deps;
    const id = randomBytes(ID_BYTES);
    const key = id.toString('hex');
    return new Promise((resolve) => {
      const end = (answered: Answered | null): void => {
        cancel();
        signal.removeEventListener('abort', abandon);
        if (this.#pending.delete(key)) resolve(answered);
      };
      const abandon = (): void => {
        this.#breaker.abandoned();
        end(null);
      };
      const cancel = timer(waitMs, () => {
        this.#late();
        end(null);
      });
      signal.addEventListener('abort', abandon, { once: true });
      const pending: Pending = {
        kind,
        key: prepared,
        payload: encodeQuestion(question),
        properties: {
          responseTopic: topics.reply(levelOf(device)),
          correlationData: id,
          messageExpiryInterval: Math.ceil(waitMs / 1000),
          contentType: 'application/x-catnap-question',
          userProperties: { device, source: question.window.source, stage: question.name },
        },
        worker,
        settle: end,
      };
      this.#pending.set(key, pending);
      this.#put(pending);
    });
  }

  close(): Promise<void> {
    this.#closing.abort();
    for (const { settle } of this.#pending.values()) settle(null);
    return this.#deps.broker.close();
  }

  #mayAsk(kind: string, key: string): boolean {
    if (this.#pending.size >= PENDING_MAX) return false;
    const sinceMs = this.#lonelySinceMs;
    if (sinceMs !== null) return this.#deps.clock.monotonicMs() - sinceMs < GRACE_MS;
    return this.#workers.of(kind, key).able.length > 0 && this.#breaker.allows();
  }

  #late(): void {
    if (this.#lonelySinceMs !== null) return;
    this.#breaker.failed();
    if (this.#breaker.isOpen)
      this.#health.become('degraded', 'EDGE_AWAY', 'workers are there and do not answer in time');
  }

  #take({ topic, payload, properties }: Message): void {
    const { topics } = this.#deps;
    if (topic === topics.reply(levelOf(this.#deps.device))) this.#answered(payload, properties);
    else this.#met(topic.slice(topics.worker('').length), payload.toString());
  }

  #answered(payload: Buffer, { correlationData, userProperties }: MessageProperties): void {
    const pending = this.#pending.get(correlationData?.toString('hex') ?? '');
    const reply = decodeReply(payload.toString());
    if (pending === undefined || reply === null) return;
    this.#breaker.reset();
    this.#health.become('ok', 'OK', 'workers answer');
    const worker = String(userProperties?.worker ?? '');
    if (reply.lacks === undefined) {
      pending.settle({ ...reply, worker });
      return;
    }
    const { kind, key } = pending;
    this.#workers.lacks(worker, key, reply.lacks);
    if (pending.worker === null && this.#workers.of(kind, key).able.length > 0) this.#put(pending);
    else pending.settle(null);
  }

  /** A worker is there, or gone: what it may have had in hand is asked of another. */
  #met(worker: string, said: string): void {
    const isThere = this.#workers.meet(worker, said);
    this.#look();
    if (this.#workers.size === 0) {
      this.#health.become('degraded', 'EDGE_AWAY', 'no worker is there that may be asked');
      return;
    }
    if (isThere) {
      this.#breaker.reset();
      for (const payload of this.#prepared.values()) this.#sendPrepared(payload);
    }
    for (const pending of this.#pending.values()) {
      if (pending.worker === null) this.#put(pending);
      else if (pending.worker === worker && !isThere) pending.settle(null);
    }
    this.#health.become('ok', 'OK', `workers are there: ${this.#workers.size}`);
  }

  #look(): void {
    if (this.#workers.size > 0) this.#lonelySinceMs = null;
    else this.#lonelySinceMs ??= this.#deps.clock.monotonicMs();
  }

  #put(pending: Pending): void {
    if (this.#isUp) this.#send(this.#topicOf(pending), pending.payload, pending.properties);
  }

  /** The broker chooses among all; where some lack what is asked of, each of the others is chosen in turn. */
  #topicOf({ worker, kind, key }: Pending): string {
    const { topics, version } = this.#deps;
    const { all, able } = this.#workers.of(kind, key);
    this.#turn += 1;
    const one = worker ?? (able.length < all.length ? able[this.#turn % able.length] : undefined);
    return one === undefined ? topics.ask(version, kind) : topics.askWorker(one);
  }

  #sendPrepared(payload: Buffer): void {
    const { topics, version } = this.#deps;
    this.#send(topics.prepare(version), payload, {});
  }

  /** What is lost with the connection is asked again when it is back. */
  #send(topic: string, payload: Buffer, properties: MessageProperties): void {
    const { broker, wayOut } = this.#deps;
    const { signal } = this.#closing;
    publishThrough(wayOut, broker, 'edge', topic, payload, false, signal, properties).catch(() => {});
  }
}

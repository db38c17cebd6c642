import type { HeardWord } from '../core/cascade/arbiter.js';
import type { Clock, Time } from '../core/clock.js';
import { type Health, ToldHealth } from '../core/events/health.js';
import { type Broker, type LastingLine, type Message, publishThrough } from '../egress/broker.js';
import type { Passed, WayOut } from '../egress/way-out.js';
import { Neighbours } from './neighbours.js';
import { type EdgeTopics, levelOf } from './topics.js';

/** What speaks on the same connection. */
export interface Speaker {
  readonly topics: readonly string[];
  /** Connected, for the first time or again. */
  up(): void;
  down(): void;
  take(message: Message): void;
}

/** Who is there, and by which way. */
export interface HouseDeps extends Time {
  readonly clock: Clock;
  /** Speaks MQTT 5. */
  readonly broker: Broker;
  readonly wayOut: Pick<WayOut, 'leave'>;
  readonly topics: EdgeTopics;
  readonly device: string;
  /** Devices of the same name hear the same; null: nobody does. */
  readonly company: string | null;
  /** Whether others may be told of a word, and by which rule. */
  readonly mayTell: (source: string, label: string) => { readonly rule: string; readonly mayPass: boolean };
  readonly onPassed: (passed: Passed) => void;
  readonly onHealth: (health: Health) => void;
}

/** Where a device without company is. */
const NOWHERE = 'alone';

/** One lasting connection for what devices tell each other, and for who looks after them. */
export class EdgeHouse {
  readonly #deps: HouseDeps;
  readonly #neighbours: Neighbours;
  readonly #closing = new AbortController();
  readonly #here: string;
  readonly #speakers: Speaker[] = [];
  readonly #health: ToldHealth;

  constructor(deps: HouseDeps) {
    this.#deps = deps;
    this.#health = new ToldHealth(deps.onHealth);
    const { topics, company, device } = deps;
    this.#here = topics.here(company ?? NOWHERE, levelOf(device));
    this.#neighbours = new Neighbours({
      ...deps,
      device: levelOf(device),
      tell: (message) => void this.say(topics.words(company ?? NOWHERE), message, false).catch(() => {}),
    });
  }

  /** Connects, for good. */
  open(speakers: readonly Speaker[]): void {
    this.#speakers.push(...speakers);
    const { broker, topics, company, device } = this.#deps;
    const line: LastingLine = {
      clientId: `catnap-house-${levelOf(device)}`,
      will: { topic: this.#here, payload: '' },
      topics: [
        ...(company === null ? [] : [topics.here(company, '+'), topics.words(company)]),
        ...speakers.flatMap((speaker) => speaker.topics),
      ],
      what: 'edge',
      onUp: () => {
        this.say(this.#here, JSON.stringify({ name: device }), true).catch(() => {});
        for (const speaker of this.#speakers) speaker.up();
        this.#health.become('ok', 'OK', `${broker.host} is there`);
      },
      onDown: (why) => {
        this.#neighbours.alone();
        for (const speaker of this.#speakers) speaker.down();
        this.#health.become('degraded', 'EDGE_AWAY', why.message);
      },
      onMessage: (message) => this.#take(message),
    };
    broker.keep(line);
  }

  /** Publishes at the broker; rejects when that is away. */
  async say(
    topic: string,
    payload: string,
    retain: boolean,
    properties?: Message['properties'],
  ): Promise<void> {
    const { broker, wayOut } = this.#deps;
    await publishThrough(wayOut, broker, 'edge', topic, payload, retain, this.#closing.signal, properties);
  }

  /** Whether others may hear the same. */
  get hasCompany(): boolean {
    return this.#neighbours.hasCompany;
  }

  /** A word was verified here. */
  heard(word: HeardWord): void {
    if (!this.hasCompany) return;
    const { mayTell, broker, clock, onPassed } = this.#deps;
    const { detection, source, label } = word;
    const { rule, mayPass } = mayTell(source, label);
    if (mayPass) this.#neighbours.heard(word);
    onPassed({
      detection,
      rule,
      passage: { what: 'edge', to: broker.host, bytes: mayPass ? JSON.stringify(word).length : 0 },
      wallMs: clock.wallMs(),
      latencyMs: 0,
      outcome: mayPass ? 'sent' : 'denied',
      verdict: mayPass ? 'word' : 'EGRESS_DENIED',
    });
  }

  /** Nothing will come of it. */
  ended(detection: string): void {
    this.#neighbours.ended(detection);
  }

  /** Whether this device is the one to act on it; at once where nobody else is there. */
  isMine(detection: string): Promise<boolean> {
    return this.#neighbours.isMine(detection);
  }

  async close(): Promise<void> {
    await this.say(this.#here, '', true).catch(() => {});
    this.#closing.abort();
    this.#neighbours.alone();
    await this.#deps.broker.close();
  }

  #take(message: Message): void {
    const { topics, company } = this.#deps;
    const { topic, payload } = message;
    if (company !== null && topic === topics.words(company)) this.#neighbours.take(payload.toString());
    else if (company !== null && topic.startsWith(topics.here(company, '')))
      this.#neighbours.met(topic.slice(topics.here(company, '').length), payload.length > 0);
    else for (const speaker of this.#speakers) speaker.take(message);
  }
}

import type { Clock } from '../../core/clock.js';

export interface OutgoingOptions {
  /** Events that wait at most; the oldest go first. */
  readonly queueMessages: number;
  /** Events that waited longer are dropped. */
  readonly queueMs: number;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** Hands one message to the broker; rejects when it was not taken. */
  readonly send: (topic: string, payload: string, retain: boolean) => Promise<void>;
}

interface Waiting {
  readonly number: number;
  readonly topic: string;
  readonly payload: string;
  readonly sinceMs: number;
}

/** What the broker has not confirmed yet: so little that no library has to queue, enough that a line is not idle. */
const UNDER_WAY_MAX = 8;

/**
 * Messages on their way to the broker: of each state, which the broker retains, the newest; of events those that are
 * not too old. So that what waits is bounded, however long the broker is away.
 */
export class Outgoing {
  /** Events that were dropped because too many waited, and because they had waited too long. */
  readonly dropped = { full: 0, late: 0 };
  readonly #options: OutgoingOptions;
  /** What each state is. */
  readonly #states = new Map<string, string>();
  /** Topics of states that the broker does not know yet. */
  readonly #unsaid = new Set<string>();
  #events: Waiting[] = [];
  #number = 0;
  #underWay = 0;
  #isUp = false;

  constructor(options: OutgoingOptions) {
    this.#options = options;
  }

  /** Events that wait. */
  get waiting(): number {
    return this.#events.length;
  }

  /** Says how something is; said again only when it is otherwise. */
  state(topic: string, payload: string): void {
    if (this.#states.get(topic) === payload) return;
    this.#states.set(topic, payload);
    this.#unsaid.add(topic);
    this.#pump();
  }

  /** Says that something happened. */
  event(topic: string, payload: string): void {
    this.#number += 1;
    const sinceMs = this.#options.clock.monotonicMs();
    this.#events.push({ number: this.#number, topic, payload, sinceMs });
    if (this.#events.length > this.#options.queueMessages) {
      this.#events.shift();
      this.dropped.full += 1;
    }
    this.#pump();
  }

  /**
   * Says all states anew: somebody listens who knows none.
   * @param except a topic that they know
   */
  again(except?: string): void {
    for (const topic of this.#states.keys()) if (topic !== except) this.#unsaid.add(topic);
    this.#pump();
  }

  /** The broker is there, and may have forgotten everything. */
  up(): void {
    this.#isUp = true;
    this.again();
  }

  /** The broker is away: everything waits. */
  down(): void {
    this.#isUp = false;
  }

  #pump(): void {
    while (this.#isUp && this.#underWay < UNDER_WAY_MAX) {
      const [topic] = this.#unsaid;
      if (topic !== undefined) {
        this.#unsaid.delete(topic);
        this.#send(topic, this.#states.get(topic) ?? '', true, () => this.#unsaid.add(topic));
        continue;
      }
      const event = this.#nextEvent();
      if (event === null) return;
      this.#send(event.topic, event.payload, false, () => this.#back(event));
    }
  }

  /** What was not taken stands again where it stood. */
  #back(event: Waiting): void {
    const later = this.#events.findIndex(({ number }) => number > event.number);
    this.#events.splice(later === -1 ? this.#events.length : later, 0, event);
  }

  #nextEvent(): Waiting | null {
    const nowMs = this.#options.clock.monotonicMs();
    for (;;) {
      const event = this.#events.shift();
      if (event === undefined) return null;
      if (nowMs - event.sinceMs <= this.#options.queueMs) return event;
      this.dropped.late += 1;
    }
  }

  #send(topic: string, payload: string, retain: boolean, keep: () => void): void {
    this.#underWay += 1;
    this.#options
      .send(topic, payload, retain)
      .catch(() => {
        this.#isUp = false;
        keep();
      })
      .finally(() => {
        this.#underWay -= 1;
        this.#pump();
      });
  }
}

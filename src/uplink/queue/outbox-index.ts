import type { Asks, RouteKind } from './upload.js';

/** What the outbox keeps in memory of each waiting upload; the upload itself stays in the store. */
export interface Waiting {
  /** Order of arrival, unique. */
  readonly seq: number;
  readonly key: string;
  readonly detection: string;
  readonly source: string;
  readonly priority: number;
  /** Wall time of the offer, for people. */
  readonly offeredAtMs: number;
  /** Time of the offer on the steady clock, for its age. */
  readonly steadyMs: number;
  readonly route: RouteKind;
  readonly asks: Asks;
  readonly bytes: number;
}

/** Bounds of what waits. */
export interface OutboxLimits {
  readonly maxBytes: number;
  readonly maxCount: number;
  readonly maxAgeMs: number;
}

/**
 * Order and bounds of what waits: within a source oldest first, across sources the highest priority and then
 * the oldest. Pure.
 */
export class OutboxIndex {
  readonly #queues = new Map<string, Waiting[]>();
  readonly #keys = new Set<string>();
  readonly #taken = new Set<number>();
  bytes = 0;

  constructor(private readonly limits: OutboxLimits) {}

  get count(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(waiting: Waiting): void {
    const queue = this.#queues.get(waiting.source);
    if (queue === undefined) this.#queues.set(waiting.source, [waiting]);
    else queue.push(waiting);
    this.#keys.add(waiting.key);
    this.bytes += waiting.bytes;
  }

  /** Adds an upload that may not be taken yet because it is still being written. */
  addTaken(waiting: Waiting): void {
    this.add(waiting);
    this.#taken.add(waiting.seq);
  }

  /**
   * Takes the next upload whose source has none under way; {@link release} or {@link remove} must follow. What goes
   * later is left where it is until `laterBeforeMs` is past its offer, unless something behind it goes now: the
   * order of a source is kept.
   */
  take(laterBeforeMs: number, mayGo: (waiting: Waiting) => boolean = () => true): Waiting | null {
    let best: Waiting | null = null;
    for (const queue of this.#queues.values()) {
      const [head] = queue;
      if (head === undefined || this.#taken.has(head.seq)) continue;
      const isDue = head.steadyMs <= laterBeforeMs || queue.some(({ route }) => route !== 'later');
      if (!isDue || !mayGo(head)) continue;
      if (best === null || isBefore(head, best)) best = head;
    }
    if (best !== null) this.#taken.add(best.seq);
    return best;
  }

  /** Takes the upload with `key` where it is the head of its source and not under way. */
  takeKey(key: string): Waiting | null {
    for (const [head] of this.#queues.values()) {
      if (head?.key !== key || this.#taken.has(head.seq)) continue;
      this.#taken.add(head.seq);
      return head;
    }
    return null;
  }

  holds(source: string): boolean {
    return this.#queues.has(source);
  }

  /** Puts a taken upload back at the head of its source. */
  release(waiting: Waiting): void {
    this.#taken.delete(waiting.seq);
  }

  /** When the oldest upload that goes later was offered; null when there is none. */
  oldestLaterMs(): number | null {
    const offered = this.all().filter(({ route, seq }) => route === 'later' && !this.#taken.has(seq));
    return offered.length === 0 ? null : Math.min(...offered.map(({ steadyMs }) => steadyMs));
  }

  remove(waiting: Waiting): void {
    const queue = this.#queues.get(waiting.source);
    const at = queue?.findIndex((candidate) => candidate.seq === waiting.seq) ?? -1;
    if (queue === undefined || at < 0) return;
    queue.splice(at, 1);
    if (queue.length === 0) this.#queues.delete(waiting.source);
    this.#taken.delete(waiting.seq);
    this.#keys.delete(waiting.key);
    this.bytes -= waiting.bytes;
  }

  /** Uploads not under way that are past their age. */
  expired(steadyMs: number): Waiting[] {
    const stale: Waiting[] = [];
    for (const queue of this.#queues.values()) {
      // Oldest first, so that the first that is young enough ends the search.
      for (const waiting of queue) {
        if (steadyMs - waiting.steadyMs <= this.limits.maxAgeMs) break;
        if (!this.#taken.has(waiting.seq)) stale.push(waiting);
      }
    }
    return stale;
  }

  /**
   * What has to go so that `incoming` fits: lowest priority first, then oldest; never what is under way.
   * Null when it does not fit even so, or only by evicting something of higher priority.
   */
  makeRoom(incoming: { readonly bytes: number; readonly priority: number }): Waiting[] | null {
    const { maxBytes, maxCount } = this.limits;
    let bytes = this.bytes + incoming.bytes;
    let count = this.count + 1;
    const victims: Waiting[] = [];
    if (bytes <= maxBytes && count <= maxCount) return victims;
    for (const candidate of this.all().sort(isEvictedBefore)) {
      if (this.#taken.has(candidate.seq)) continue;
      if (candidate.priority > incoming.priority) return null;
      victims.push(candidate);
      bytes -= candidate.bytes;
      count--;
      if (bytes <= maxBytes && count <= maxCount) return victims;
    }
    return null;
  }

  all(): Waiting[] {
    return [...this.#queues.values()].flat();
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  return a.priority === b.priority ? a.seq < b.seq : a.priority > b.priority;
}

function isEvictedBefore(a: Waiting, b: Waiting): number {
  return a.priority - b.priority || a.seq - b.seq;
}

import type { Clock, Timer } from '../core/clock.js';
import type { MachineClock } from '../uplink/queue/steady-clock.js';

interface Waiting {
  readonly atMs: number;
  /** Who asked first is woken first. */
  readonly turn: number;
  readonly wake: () => void;
  isCancelled: boolean;
}

/** Steps between two turns of the event loop. */
const STEPS_A_TURN = 256;
const START_MS = Date.UTC(2026, 0, 1);

/**
 * Time that stands still until it is told to go on. What waits is woken in the order of its times, the same in every
 * run, and no real time passes while it waits: a month takes as long as what is done in it.
 */
export class VirtualTime {
  /** What whoever sets the clock has added to the wall time. */
  wallOffsetMs = 0;
  #nowMs = 0;
  #turn = 0;
  #count = 0;
  /** A heap: no entry is before its parent, that of `i` being `(i - 1) >> 1`. */
  readonly #heap: Waiting[] = [];

  readonly clock: Clock = {
    wallMs: () => START_MS + this.#nowMs + this.wallOffsetMs,
    monotonicMs: () => this.#nowMs,
  };

  readonly timer: Timer = (delayMs, wake) => {
    const atMs = this.#nowMs + Math.max(0, delayMs);
    const waiting: Waiting = { atMs, turn: this.#turn++, wake, isCancelled: false };
    this.#add(waiting);
    this.#count++;
    return () => {
      if (!waiting.isCancelled) this.#count--;
      waiting.isCancelled = true;
    };
  };

  readonly machineClock: MachineClock = {
    bootId: 'boot',
    uptimeMs: () => this.#nowMs,
    wallMs: () => this.clock.wallMs(),
  };

  get nowMs(): number {
    return this.#nowMs;
  }

  /** How many wait to be woken. */
  get waiting(): number {
    return this.#count;
  }

  /** Lets what can be done at this moment be done. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve));
  }

  /** Goes on by `ms`; `afterEach` is called whenever what could be done at a moment was done. */
  advance(ms: number, afterEach: () => void = () => {}): Promise<void> {
    const untilMs = this.#nowMs + ms;
    return new Promise((resolve, reject) => {
      let isOver = false;
      let hasWoken = false;
      const step = (): void => {
        if (isOver) return;
        try {
          if (hasWoken) afterEach();
          hasWoken = this.#wakeNext(untilMs);
        } catch (error) {
          isOver = true;
          reject(error);
          return;
        }
        if (hasWoken) return;
        isOver = true;
        this.#nowMs = untilMs;
        resolve();
      };
      // Between two immediates everything is done that needs no event loop; going around that costs more than a step.
      const turn = (): void => {
        if (isOver) return;
        for (let i = 0; i < STEPS_A_TURN; i++) setImmediate(step);
        setImmediate(turn);
      };
      setImmediate(turn);
    });
  }

  /** Wakes whoever waits for the earliest time up to `untilMs`; false where nobody does. */
  #wakeNext(untilMs: number): boolean {
    const next = this.#first();
    if (next === undefined || next.atMs > untilMs) return false;
    this.#take();
    this.#count--;
    next.isCancelled = true;
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.wake();
    return true;
  }

  /** The first that was not cancelled. */
  #first(): Waiting | undefined {
    while (this.#heap[0]?.isCancelled) this.#take();
    return this.#heap[0];
  }

  #add(waiting: Waiting): void {
    const heap = this.#heap;
    let at = heap.push(waiting) - 1;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(waiting, heap[above]); above = (at - 1) >> 1) {
      heap[at] = heap[above] as Waiting;
      at = above;
    }
    heap[at] = waiting;
  }

  #take(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const below = isBefore(heap[right], heap[left]) ? right : left;
      if (!isBefore(heap[below], last)) break;
      heap[at] = heap[below] as Waiting;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(a: Waiting | undefined, b: Waiting | undefined): boolean {
  if (a === undefined || b === undefined) return a !== undefined;
  return a.atMs === b.atMs ? a.turn < b.turn : a.atMs < b.atMs;
}

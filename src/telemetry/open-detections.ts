import type { Timer } from '../core/clock.js';
import type { CascadeEvent } from '../core/events/events.js';
import type { DetectionEvent } from './span-tree.js';

/** After an event that ends a detection, actions and the like may still come. */
const LINGER_MS = 2000;
/** A detection of which nothing more comes is told as it is: one that waits for a cloud that is away. */
const QUIET_MS = 120_000;
const MOST_OPEN = 500;
const MOST_EVENTS = 200;

const LAST: ReadonlySet<CascadeEvent['type']> = new Set([
  'refused',
  'settled',
  'verdict',
  'undelivered',
  'ended',
]);
const TOLD: ReadonlySet<CascadeEvent['type']> = new Set([
  ...LAST,
  ...(['noticed', 'verified', 'utterance', 'escalated', 'sent', 'action'] as const),
]);

interface OpenDetection {
  readonly events: DetectionEvent[];
  cancel: () => void;
}

/** Gathers the events of each detection until it is over; the oldest of too many is told as it is. */
export class OpenDetections {
  readonly #open = new Map<string, OpenDetection>();

  constructor(
    private readonly timer: Timer,
    private readonly over: (events: readonly DetectionEvent[]) => void,
  ) {}

  take(event: CascadeEvent): void {
    if (!TOLD.has(event.type)) return;
    const told = event as DetectionEvent;
    const key = `${told.measured?.run ?? ''}/${told.detection}`;
    const open = this.#open.get(key) ?? { events: [], cancel: () => {} };
    open.cancel();
    if (open.events.length < MOST_EVENTS) open.events.push(told);
    open.cancel = this.timer(LAST.has(event.type) ? LINGER_MS : QUIET_MS, () => this.#end(key));
    this.#open.set(key, open);
    const oldest = this.#open.keys().next();
    if (this.#open.size > MOST_OPEN && oldest.done !== true) this.#end(oldest.value);
  }

  /** Tells of all as they are. */
  close(): void {
    for (const key of [...this.#open.keys()]) this.#end(key);
  }

  #end(key: string): void {
    const open = this.#open.get(key);
    this.#open.delete(key);
    open?.cancel();
    if (open !== undefined) this.over(open.events);
  }
}

import type { Clock } from '../clock.js';
import { type CascadeEvent, EVENT_VERSION } from './events.js';

/** The part of an event that does not depend on its type. */
export type Stamped = Pick<CascadeEvent, 'v' | 'id' | 'measured'>;

/** Numbers the events of one component, the same on every replay, and adds when they were published. */
export class EventStamp {
  #count = 0;

  constructor(
    /** Stands before the slash of every id. */
    readonly component: string,
    /** Identifies this run of the process. */
    readonly run: string,
    readonly clock: Clock,
  ) {}

  /** `arrivedMs`: when the last sample the event rests on became available, monotonic; null where there is none. */
  next(arrivedMs: number | null): Stamped {
    this.#count += 1;
    return {
      v: EVENT_VERSION,
      id: `${this.component}/${this.#count}`,
      measured: {
        wallTime: new Date(this.clock.wallMs()).toISOString(),
        run: this.run,
        latencyMs: arrivedMs === null ? null : this.clock.monotonicMs() - arrivedMs,
      },
    };
  }
}

import type { Clock } from '../clock.js';
import type { CascadeEvent } from './events.js';
import { EVENT_VERSION } from './version.js';

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
    readonly clock: Pick<Clock, 'wallMs' | 'monotonicMs'>,
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

type WithoutStamp<T> = T extends CascadeEvent ? Omit<T, keyof Stamped> : never;

/** An event before it has its version, id and `measured` block. */
export type BareEvent = WithoutStamp<CascadeEvent>;

/** What a component that publishes events of its own has to be given. */
export interface PublisherDeps {
  readonly publish: (event: CascadeEvent) => void;
  readonly clock: Pick<Clock, 'wallMs' | 'monotonicMs'>;
  readonly run: string;
}

/** Numbers, stamps and publishes the events of one component that rest on no samples. */
export function createPublisher(
  component: string,
  { publish, clock, run }: PublisherDeps,
): (event: BareEvent) => void {
  const stamp = new EventStamp(component, run, clock);
  return (event) => publish({ ...event, ...stamp.next(null) });
}

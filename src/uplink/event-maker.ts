import type { Clock } from '../core/clock.js';
import { type CascadeEvent, EVENT_VERSION } from '../core/events/events.js';

type WithoutBase<T> = T extends CascadeEvent ? Omit<T, 'v' | 'id' | 'measured'> : never;

/** An event before it has its version, id and `measured` block. */
export type BareEvent = WithoutBase<CascadeEvent>;

export interface EventMakerDeps {
  readonly publish: (event: CascadeEvent) => void;
  readonly clock: Pick<Clock, 'wallMs'>;
  readonly run: string;
}

/**
 * What events call the detection of an idempotency key (`<run>/<detection>`). One of an earlier run, which waited
 * in the outbox, goes by its whole key: this run may have a namesake.
 */
export function detectionOf(key: string, run: string): string {
  return key.startsWith(`${run}/`) ? key.slice(run.length + 1) : key;
}

/** Numbers the events of one component, stamps and publishes them. */
export function createEventMaker(component: string, deps: EventMakerDeps): (event: BareEvent) => void {
  let count = 0;
  return (event) => {
    deps.publish({
      ...event,
      v: EVENT_VERSION,
      id: `${component}/${count++}`,
      measured: { wallTime: new Date(deps.clock.wallMs()).toISOString(), run: deps.run, latencyMs: null },
    });
  };
}

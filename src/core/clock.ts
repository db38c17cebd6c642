/** Wall and monotonic time, injected so that tests and replays own it. Used for measuring and time-outs only. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump. */
  wallMs(): number;
  /** Milliseconds of a clock that only goes forward. */
  monotonicMs(): number;
}

/**
 * Calls `wake` once after `delayMs`; returns what cancels that. Injected, so that a replay need not wait. It may be
 * called up to `earlyMs` (0 when left out) sooner, where another who allows for that is woken then: waking costs more
 * than what it is for.
 */
export type Timer = (delayMs: number, wake: () => void, earlyMs?: number) => () => void;

/** What a thing is given that measures time and waits. */
export interface Time {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timer: Timer;
}

/** Never wakes: for replays, in which a slow machine must not change what is decided. */
export const neverTimer: Timer = () => () => {};

/** Wall and monotonic time, injected so that tests and replays own it. Used for measuring and time-outs only. */
export interface Clock {
  /** Milliseconds since the Unix epoch. May jump. */
  wallMs(): number;
  /** Milliseconds of a clock that only goes forward. */
  monotonicMs(): number;
}

/** Calls `wake` once after `delayMs`; returns what cancels that. Injected, so that a replay need not wait. */
export type Timer = (delayMs: number, wake: () => void) => () => void;

/** What a thing is given that measures time and waits. */
export interface Time {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly timer: Timer;
}

/** Calls `work` every `periodMs`; returns what ends that. */
export function every(timer: Timer, periodMs: number, work: () => void): () => void {
  const next = (): (() => void) =>
    timer(periodMs, () => {
      cancel = next();
      work();
    });
  let cancel = next();
  return () => cancel();
}

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export function sleep(timer: Timer, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const wake = (): void => {
      signal?.removeEventListener('abort', wake);
      cancel();
      resolve();
    };
    const cancel = timer(delayMs, wake);
    signal?.addEventListener('abort', wake, { once: true });
  });
}

/** Never wakes: for replays, in which a slow machine must not change what is decided. */
export const neverTimer: Timer = () => () => {};

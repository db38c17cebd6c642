import type { Timer } from './clock.js';

/** Resolves after `delayMs`, or at once when `signal` aborts. Never rejects. */
export function sleep(timer: Timer, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const wake = (): void => {
      cancel();
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const cancel = timer(delayMs, wake);
    signal?.addEventListener('abort', wake, { once: true });
  });
}

/** Sleeps many times a second: what it listens to the signal with is made once. */
export class Sleeper {
  readonly #timer: Timer;
  readonly #signal: AbortSignal;
  #wake = (): void => {};
  #cancel = (): void => {};
  readonly #onAbort = (): void => {
    this.#cancel();
    this.#wake();
  };

  constructor(timer: Timer, signal: AbortSignal) {
    this.#timer = timer;
    this.#signal = signal;
    signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  /**
   * Resolves after `delayMs`, up to `earlyMs` sooner as {@link Timer} says, or at once when the signal aborts. Never
   * rejects; to be called again once it has resolved.
   */
  sleep(delayMs: number, earlyMs: number): Promise<void> {
    if (this.#signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
      this.#cancel = this.#timer(delayMs, resolve, earlyMs);
    });
  }

  /** Listens to the signal no more. */
  end(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
  }
}

/** Share of a period that work may come sooner, as {@link Timer} says: so what many do now and then comes together. */
const EARLY_SHARE = 0.25;

/** Calls `work` every `periodMs` or so, for the first time after one period; returns what ends that. */
export function every(timer: Timer, periodMs: number, work: () => void): () => void {
  let cancel: () => void = () => {};
  let isOver = false;
  const again = (): void => {
    const wake = (): void => {
      work();
      if (!isOver) again();
    };
    cancel = timer(periodMs, wake, EARLY_SHARE * periodMs);
  };
  again();
  return () => {
    isOver = true;
    cancel();
  };
}

/**
 * Gives work until `limitMs`. Then its signal aborts, and the promise rejects with what `late` makes, whatever becomes
 * of the work.
 */
export function withDeadline<T>(
  timer: Timer,
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
  late: () => Error,
): Promise<T> {
  const controller = new AbortController();
  return new Promise<T>((resolve, reject) => {
    const cancel = timer(limitMs, () => {
      reject(late());
      controller.abort();
    });
    // Wrapped, so that work that throws at once ends the timer, too.
    const working = (async () => work(controller.signal))();
    working.then(resolve, reject).finally(cancel);
  });
}

/** Runs `then` after `work`, at once when there is nothing to wait for. */
export function andThen(work: Promise<void> | undefined, then: () => void): Promise<void> | undefined {
  if (work !== undefined) return work.then(then);
  then();
  return undefined;
}

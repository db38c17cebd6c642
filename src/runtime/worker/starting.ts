import type { Timer } from '../../core/clock.js';

/** A source that neither opens nor complains for so long, as a pipe that nobody writes to, is waited for no more. */
const LONGEST_MS = 20_000;

/** Sources that have neither been opened yet nor told why they could not be. */
export class StartingSources {
  readonly #left: Set<string>;
  #done: () => void = () => {};
  #cancel: () => void = () => {};
  readonly #all: Promise<void>;

  constructor(sources: readonly string[]) {
    this.#left = new Set(sources);
    this.#all = new Promise((resolve) => {
      this.#done = resolve;
    });
    if (sources.length === 0) this.#done();
  }

  get left(): readonly string[] {
    return [...this.#left];
  }

  /** Resolves once none is left. */
  all(): Promise<void> {
    return this.#all;
  }

  /** Waits for all of them from now on, but not for ever. */
  begin(timer: Timer): void {
    this.#cancel = timer(LONGEST_MS, () => {
      this.#left.clear();
      this.#done();
    });
  }

  /** A source has been opened, or told why not. */
  told(source: string): void {
    if (!this.#left.delete(source) || this.#left.size > 0) return;
    this.#cancel();
    this.#done();
  }

  /** Ends the wait, whoever is left. */
  end(): void {
    this.#cancel();
  }
}

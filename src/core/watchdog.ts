import type { Time } from './clock.js';

/** Tells once when it was not fed for `patienceMs`. */
export class Watchdog {
  readonly #time: Time;
  readonly #patienceMs: number;
  readonly #onSilence: () => void;
  #fedMs: number;
  #isDoubting = false;
  #cancel: () => void;

  constructor(time: Time, patienceMs: number, onSilence: () => void) {
    this.#time = time;
    this.#patienceMs = patienceMs;
    this.#onSilence = onSilence;
    this.#fedMs = time.clock.monotonicMs();
    this.#cancel = time.timer(patienceMs, () => this.#look());
  }

  feed(): void {
    this.#fedMs = this.#time.clock.monotonicMs();
    this.#isDoubting = false;
  }

  stop(): void {
    this.#cancel();
  }

  #look(): void {
    const leftMs = this.#patienceMs - (this.#time.clock.monotonicMs() - this.#fedMs);
    if (leftMs > 0) {
      this.#lookAgain(leftMs);
    } else if (!this.#isDoubting) {
      // A busy thread sees its timer before the data that lies waiting: one more turn delivers it.
      this.#isDoubting = true;
      this.#lookAgain(0);
    } else {
      this.#onSilence();
    }
  }

  #lookAgain(delayMs: number): void {
    this.#cancel = this.#time.timer(delayMs, () => this.#look());
  }
}

import type { Clock, Time, Timer } from '../core/clock.js';
import { sleep } from '../core/waiting.js';
import type { VirtualTime } from './virtual-time.js';

/** One process, or a thread of one, from its start to its end. What it waits for never comes once it was killed. */
export class Life {
  #isOver = false;
  readonly time: Time & { readonly clock: Clock };

  /** @param process what ends with its process */
  constructor(
    private readonly world: VirtualTime,
    readonly run: string,
    private readonly process: Life | null = null,
  ) {
    this.time = { clock: world.clock, timer: this.timer };
  }

  get isOver(): boolean {
    return this.#isOver || (this.process?.isOver ?? false);
  }

  readonly timer: Timer = (delayMs, wake) =>
    this.world.timer(delayMs, () => {
      if (!this.isOver) wake();
    });

  sleep(delayMs: number): Promise<void> {
    return sleep(this.timer, delayMs);
  }

  /** Lets what the world says through while it lives. */
  heard<Told extends readonly unknown[]>(take: (...told: Told) => void): (...told: Told) => void {
    return (...told) => {
      if (!this.isOver) take(...told);
    };
  }

  /** A thread of this process. */
  thread(): Life {
    return new Life(this.world, this.run, this);
  }

  kill(): void {
    this.#isOver = true;
  }
}

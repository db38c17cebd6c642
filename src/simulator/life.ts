import type { Time, Timer } from '../core/clock.js';
import { sleep } from '../core/waiting.js';
import type { VirtualTime } from './virtual-time.js';

/** One process from its start to its end. What it waits for never comes once it was killed. */
export class Life {
  #isOver = false;
  readonly time: Time & Pick<VirtualTime, 'clock'>;

  constructor(
    private readonly world: VirtualTime,
    readonly run: string,
  ) {
    this.time = { clock: world.clock, timer: this.timer };
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  readonly timer: Timer = (delayMs, wake) =>
    this.world.timer(delayMs, () => {
      if (!this.#isOver) wake();
    });

  sleep(delayMs: number): Promise<void> {
    return sleep(this.timer, delayMs);
  }

  /** Lets what the world says through to the process while it lives. */
  heard<Told extends readonly unknown[]>(take: (...told: Told) => void): (...told: Told) => void {
    return (...told) => {
      if (!this.#isOver) take(...told);
    };
  }

  kill(): void {
    this.#isOver = true;
  }
}

import type { Clock } from '../../core/clock.js';

/** Of a budget that may be used: what is left over brings the answer to whoever waits for it. */
const USED_SHARE = 0.9;
/** A read of more sound takes longer than those before. */
const LONGER_READ = 1.5;

/** Whether there is time to read more before nobody waits for the verdict any longer. */
export class ReadingTime {
  #begunMs = 0;
  #longestMs = 0;

  /** @param clock null: there is always time, as in a replay, which a slow machine must not change. */
  constructor(
    private readonly budgetMs: number,
    private readonly clock: Pick<Clock, 'monotonicMs'> | null,
  ) {}

  /** A verdict is asked for from now on. */
  begin(): void {
    this.#begunMs = this.#nowMs();
    this.#longestMs = 0;
  }

  /** Whether so many reads will end in time, by the longest since the verdict was asked for. */
  isEnoughFor(reads: number): boolean {
    const spentMs = this.#nowMs() - this.#begunMs;
    return spentMs + LONGER_READ * reads * this.#longestMs <= USED_SHARE * this.budgetMs;
  }

  async measured<T>(read: () => Promise<T>): Promise<T> {
    const fromMs = this.#nowMs();
    const found = await read();
    this.#longestMs = Math.max(this.#longestMs, this.#nowMs() - fromMs);
    return found;
  }

  #nowMs(): number {
    return this.clock?.monotonicMs() ?? 0;
  }
}

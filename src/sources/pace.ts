import type { Time } from '../core/clock.js';
import type { Patience, Source, SourceItem } from '../core/signal/frame.js';
import { Sleeper } from '../core/waiting.js';

/**
 * A recording at its own pace, or `speed` times as fast: each frame comes when its last sample would have been
 * heard, or later, with others, to who is patient.
 */
export class PacedSource implements Source {
  readonly id: string;
  readonly #source: Source;
  readonly #time: Time;
  readonly #speed: number;

  constructor(source: Source, time: Time, speed = 1) {
    this.id = source.id;
    this.#source = source;
    this.#time = time;
    this.#speed = speed;
  }

  async *frames(signal: AbortSignal, patience: Patience = () => 0): AsyncGenerator<SourceItem> {
    const { clock, timer } = this.#time;
    const sleeper = new Sleeper(timer, signal);
    let startMs: number | null = null;
    try {
      for await (const item of this.#source.frames(signal)) {
        if (item.kind !== 'frame') {
          yield item;
          continue;
        }
        const sampleMs = 1000 / (item.rateHz * this.#speed);
        const endMs = (item.sample + item.data.length / item.channels) * sampleMs;
        startMs ??= clock.monotonicMs() - item.sample * sampleMs;
        const arrivedMs = startMs + endMs;
        const waitMs = arrivedMs - clock.monotonicMs();
        if (waitMs > 0) {
          const lateMs = patience();
          await sleeper.sleep(waitMs + lateMs, lateMs);
        }
        if (signal.aborted) return;
        yield { ...item, arrivedMs };
      }
    } finally {
      sleeper.end();
    }
  }
}

/** A recording at `speed` times its own pace; 0 is as fast as it goes. */
export function atSpeed(source: Source, time: Time, speed: number): Source {
  return speed === 0 ? source : new PacedSource(source, time, speed);
}

import type { Patience, Source, SourceItem } from '../core/signal/frame.js';

/** Time to keep pace with; injected, so that a test need not wait. */
export interface Pace {
  monotonicMs(): number;
  /** Resolves after `delayMs`, or at once when `signal` aborts. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}

/**
 * A recording at its own pace, or `speed` times as fast: each frame comes when its last sample would have been
 * heard, or later, with others, to who is patient.
 */
export class PacedSource implements Source {
  readonly id: string;
  readonly #source: Source;
  readonly #pace: Pace;
  readonly #speed: number;

  constructor(source: Source, pace: Pace, speed = 1) {
    this.id = source.id;
    this.#source = source;
    this.#pace = pace;
    this.#speed = speed;
  }

  async *frames(signal: AbortSignal, patience: Patience = () => 0): AsyncGenerator<SourceItem> {
    let startMs: number | null = null;
    for await (const item of this.#source.frames(signal)) {
      if (item.kind !== 'frame') {
        yield item;
        continue;
      }
      const sampleMs = 1000 / (item.rateHz * this.#speed);
      const endMs = (item.sample + item.data.length / item.channels) * sampleMs;
      startMs ??= this.#pace.monotonicMs() - item.sample * sampleMs;
      const arrivedMs = startMs + endMs;
      const waitMs = arrivedMs - this.#pace.monotonicMs();
      if (waitMs > 0) await this.#pace.sleep(waitMs + patience(), signal);
      if (signal.aborted) return;
      yield { ...item, arrivedMs };
    }
  }
}

/** A recording at `speed` times its own pace; 0 is as fast as it goes. */
export function atSpeed(source: Source, pace: Pace, speed: number): Source {
  return speed === 0 ? source : new PacedSource(source, pace, speed);
}

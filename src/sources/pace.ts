import type { Source, SourceItem } from '../core/frame.js';

/** Time to keep pace with; injected, so that a test need not wait. */
export interface Pace {
  monotonicMs(): number;
  /** Resolves after `delayMs`, or at once when `signal` aborts. */
  sleep(delayMs: number, signal: AbortSignal): Promise<void>;
}

/** A recording at its own pace: each frame comes when its last sample would have been heard. */
export class PacedSource implements Source {
  readonly id: string;
  readonly #source: Source;
  readonly #pace: Pace;

  constructor(source: Source, pace: Pace) {
    this.id = source.id;
    this.#source = source;
    this.#pace = pace;
  }

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    let startMs: number | null = null;
    for await (const item of this.#source.frames(signal)) {
      if (item.kind === 'frame') {
        const endMs = ((item.sample + item.data.length / item.channels) * 1000) / item.rateHz;
        startMs ??= this.#pace.monotonicMs() - (item.sample * 1000) / item.rateHz;
        const waitMs = startMs + endMs - this.#pace.monotonicMs();
        if (waitMs > 0) await this.#pace.sleep(waitMs, signal);
        if (signal.aborted) return;
      }
      yield item;
    }
  }
}

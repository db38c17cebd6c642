import type { Decision, Recogniser, Recognition, Stage, Window } from '../core/cascade/stage.js';
import type { Clock } from '../core/clock.js';
import type { Source, SourceItem } from '../core/signal/frame.js';
import { judge, type Thresholds } from '../core/thresholds.js';

/** Stands still. */
export const stillClock: Clock = { wallMs: () => 0, monotonicMs: () => 0 };

const MIDDLE: Thresholds = { accept: 0.6, reject: 0.4 };

/** Judges a window by its loudest sample: the signal itself says what the model would. Counts what it is asked. */
export class LoudnessStage implements Stage {
  readonly budgetMs = 1000;
  calls = 0;
  resets = 0;
  prepared = 0;
  readonly windows: { startSample: number; endSample: number }[] = [];

  constructor(
    readonly name: string,
    readonly thresholds: Thresholds = MIDDLE,
    readonly answer: (decision: Decision) => Decision | Promise<Decision> = (decision) => decision,
  ) {}

  decide(window: Window): Decision | Promise<Decision> {
    this.calls += 1;
    this.windows.push({
      startSample: window.startSample,
      endSample: window.startSample + window.data.length / window.channels,
    });
    const score = window.data.reduce((loudest, value) => Math.max(loudest, Math.abs(value)), 0);
    return this.answer({
      kind: judge(score, this.thresholds),
      stage: this.name,
      label: 'wake',
      score,
      confidence: score,
      contributions: [],
    });
  }

  reset(): void {
    this.resets += 1;
  }

  prepare(): void {
    this.prepared += 1;
  }

  async dispose(): Promise<void> {}
}

/** A recogniser that hears the same every time, and remembers which samples it was shown. */
export class ScriptedRecogniser implements Recogniser {
  readonly name = 'words';
  readonly budgetMs = 1000;
  readonly windows: { startSample: number; endSample: number }[] = [];

  constructor(readonly answer: Recognition) {}

  async recognise({ startSample, data }: Window): Promise<Recognition> {
    this.windows.push({ startSample, endSample: startSample + data.length });
    return this.answer;
  }

  async dispose(): Promise<void> {}
}

/** A source of items that are written down: formats, frames, gaps, in order. */
export class ScriptedSource implements Source {
  constructor(
    readonly id: string,
    readonly items: readonly SourceItem[],
  ) {}

  async *frames(signal: AbortSignal): AsyncGenerator<SourceItem> {
    for (const item of this.items) {
      if (signal.aborted) return;
      yield item;
    }
  }
}

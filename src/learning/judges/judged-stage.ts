import type { StageSpec } from '../../core/cascade/assembly.js';
import type { Decision, Judgement, Stage, Window } from '../../core/cascade/stage.js';
import type { SignalTraits } from '../../core/signal/frame.js';
import { judge as placed, type Thresholds } from '../../core/thresholds.js';
import type { JudgeSettings } from './device-judge.js';
import type { Looks, StageJudge } from './stage-judge.js';

/** A stage whose decisions a judge looks at; as data. */
export interface JudgedSpec extends StageSpec {
  readonly kind: 'judged';
  readonly stage: StageSpec;
  readonly judge: JudgeSettings;
  /** Another model that the judge may ask, and the words it knows; null: none. */
  readonly other: { readonly spec: StageSpec; readonly words: readonly string[] } | null;
  /** For a stage whose decisions do not say what thresholds they were held to. */
  readonly thresholds: Thresholds;
}

interface Parts {
  readonly stage: Stage;
  readonly other: Stage | null;
  readonly judge: StageJudge;
}

/** A stage as it is, but for its confidence, which is a judge's: the same thresholds are held to that. */
export class JudgedStage implements Stage {
  readonly name: string;
  readonly budgetMs: number;
  readonly #spec: JudgedSpec;
  readonly #parts: Parts;

  constructor(spec: JudgedSpec, parts: Parts) {
    this.name = spec.name;
    this.budgetMs = spec.budgetMs;
    this.#spec = spec;
    this.#parts = parts;
  }

  async decide(window: Window, signal: AbortSignal): Promise<Decision> {
    const { stage, judge } = this.#parts;
    // A stage may write its decision anew at the next look.
    const own = { ...(await stage.decide(window, signal)) };
    if (own.kind === 'abstain' || own.degraded === true) return own;
    const { confidence, because } = await judge.judge(own, window, this.#looks(own, window, signal));
    // What was the judge's alone to see goes no further.
    const { range: _, confidences: __, ...decision } = own;
    const thresholds = own.thresholds ?? this.#spec.thresholds;
    const judged = { kind: this.#spec.judge.kind, own: own.confidence, because };
    return { ...decision, kind: placed(confidence, thresholds), confidence, thresholds, judged };
  }

  async endOf(window: Window, label: string, signal: AbortSignal): Promise<number | null> {
    return (await this.#parts.stage.endOf?.(window, label, signal)) ?? null;
  }

  reset(): void {
    this.#parts.stage.reset();
    this.#parts.other?.reset();
  }

  async dispose(): Promise<void> {
    await this.#parts.stage.dispose();
    await this.#parts.other?.dispose();
  }

  describe(format: SignalTraits): void {
    this.#parts.stage.describe?.(format);
    this.#parts.other?.describe?.(format);
  }

  prepare(): void {
    this.#parts.stage.prepare?.();
    this.#parts.other?.prepare?.();
  }

  #looks({ label }: Judgement, window: Window, signal: AbortSignal): Looks {
    const { stage, other } = this.#parts;
    const knows = this.#spec.other?.words.includes(label) === true;
    return {
      earlier: async (ms) => {
        stage.reset();
        return { ...(await stage.decide(withoutLast(ms, window), signal)) };
      },
      other: async () => (other === null || !knows ? null : { ...(await other.decide(window, signal)) }),
    };
  }
}

function withoutLast(ms: number, window: Window): Window {
  const { data, channels, rateHz } = window;
  const samples = Math.min(data.length / channels, Math.round((ms * rateHz) / 1000));
  return { ...window, data: data.subarray(0, data.length - samples * channels) };
}

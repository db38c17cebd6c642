import type { Decision, Judgement, Window } from '../../core/cascade/stage.js';
import type { DeviceJudgeKind, JudgeSettings } from './device-judge.js';
import type { Opinion } from './opinion.js';

/** Further looks that a judge may ask for. What cannot be had abstains. */
export interface Looks {
  /** What the stage makes of the window without its last milliseconds. */
  earlier(ms: number): Promise<Decision>;
  /** What the other model makes of the window; null where there is none that knows the label. */
  other(): Promise<Decision | null>;
}

/** Says how sure a stage's decision is; the stage's thresholds are held to that. Never throws. */
export interface StageJudge {
  judge(decision: Judgement, window: Window, looks: Looks): Opinion | Promise<Opinion>;
}

/** A kind of judge of a stage: its settings and its code. */
export interface StageJudgeKind<Config extends JudgeSettings, Spec extends JudgeSettings = Config>
  extends DeviceJudgeKind<Config, Spec> {
  /** Signals whose heavy stage it can judge. */
  readonly signals: readonly ('voice' | 'sensor')[];
  create(spec: Spec): StageJudge;
}

import type { Recognition, Window } from '../../../core/cascade/stage.js';
import type { DeviceJudgeKind, JudgeSettings } from '../device-judge.js';
import type { Opinion } from '../opinion.js';

/** What a recogniser wrote down. */
export type Transcript = Extract<Recognition, { readonly kind: 'transcript' }>;

/** Further looks that a judge may ask for. What cannot be had abstains. */
export interface Rehearings {
  /** What the recogniser makes of the utterance without its first milliseconds. */
  later(ms: number): Promise<Recognition>;
  /** What the other recogniser makes of the utterance; null where there is none. */
  other(): Promise<Recognition | null>;
}

/** Says how sure a transcript is; `minConfidence` is held to that. Never throws, and tells nothing of what was said. */
export interface TranscriptJudge {
  judge(transcript: Transcript, window: Window, again: Rehearings): Opinion | Promise<Opinion>;
}

/** A kind of judge of what a recogniser wrote down: its settings and its code. */
export interface TranscriptJudgeKind<Config extends JudgeSettings, Spec extends JudgeSettings = Config>
  extends DeviceJudgeKind<Config, Spec> {
  create(spec: Spec): TranscriptJudge;
}

import type { Reason } from '../events/events.js';
import type { GateProfile } from '../signal/gate.js';

/** When nothing is near: the signal may then be heard late and several hops at once, which costs fewer wake-ups. */
export interface CalmProfile {
  /** As long as tiny's confidence is below it. */
  readonly below: number;
  readonly waitMs: number;
}

/** When tiny's decisions become a detection, and when the next one may. */
export interface NoticeProfile {
  /** Hops in a row that tiny must not reject, under one label. */
  readonly debounceHops: number;
  /** Nothing is noticed this long after a believed detection was noticed. */
  readonly refractoryMs: number;
  /** Hops in a row that tiny must reject (or the gate be shut) before it is armed again. */
  readonly rearmHops: number;
  /** A score that will not fall is taken for stuck after this: tiny is reset and armed again. */
  readonly rearmTimeoutMs: number;
  /** Confidence of tiny at which heavy and the uplink are told to get ready; null never. */
  readonly prefetch: number | null;
  /** Null: while the gate is open every hop is heard when it is there. */
  readonly calm: CalmProfile | null;
}

/** Which samples the heavy stage is shown. */
export interface VerifyProfile {
  /** Before the hop at which tiny noticed; nothing of a word that was told is shown again. */
  readonly windowMs: number;
  /** After it; verification waits for them. */
  readonly tailMs: number;
  /**
   * What was refused while tiny still does not reject it is looked at again after this long, then after twice as
   * long, and so on: a fault may begin as slight as a false alarm. Null: refused is refused.
   */
  readonly againMs: number | null;
}

/** What is said after a wake word. */
export interface UtteranceProfile {
  /** Samples from before the detection that belong to it: tiny is late by this much. */
  readonly leadMs: number;
  /** Silence that ends it. */
  readonly endSilenceMs: number;
  /** Nothing said this long after the detection: over, outcome `timeout`. */
  readonly startTimeoutMs: number;
  /** Longest; then the outcome is `timeout`. */
  readonly maxMs: number;
}

/** How one lasting fault is followed. */
export interface TrackProfile {
  /** An `updated` event this often. */
  readonly updateMs: number;
  /** Ended once tiny has rejected this long. */
  readonly endAfterMs: number;
  /** Tiny is late by this much to reject: taken off the end that is told. */
  readonly lateMs: number;
  /** Ended however it stands after this long. */
  readonly maxMs: number;
}

/** What follows a verified detection. */
export type Followup =
  | { readonly kind: 'none' }
  | ({ readonly kind: 'utterance' } & UtteranceProfile)
  | ({ readonly kind: 'track' } & TrackProfile);

/** Which samples an escalation carries. */
export interface ClipProfile {
  /** Before the detection begins. */
  readonly preRollMs: number;
  /** In all; the oldest samples are left out first. */
  readonly maxMs: number;
}

/**
 * Everything that makes one cascade behave as it does, as data. The `cascades` section of a configuration
 * maps to it.
 */
export interface CascadeProfile {
  /** Samples of each channel in a hop: what tiny is given at a time. */
  readonly hopSamples: number;
  /** Signal kept for pre-roll, verification, utterance and clip. */
  readonly ringMs: number;
  /** Corner of the high-pass that a signal of one channel goes through first, Hz; null: it is taken as it is. */
  readonly highPassHz: number | null;
  /**
   * The end of the source is as good as this much silence, so that what is under way comes to its end; 0 for signals to
   * which nothing is a value like any other.
   */
  readonly silenceAtEndMs: number;
  /** Null: tiny hears everything. */
  readonly gate: GateProfile | null;
  readonly notice: NoticeProfile;
  readonly verify: VerifyProfile;
  readonly followup: Followup;
  readonly policy: PolicyProfile;
  /** Null: an escalation carries no samples. */
  readonly clip: ClipProfile | null;
  /** Handed to the uplink: higher goes first. */
  readonly priority: number;
}

/** What is done with detections, as data. */
export interface PolicyProfile {
  /** Reasons that send a verified detection to the cloud when it cannot be settled here. */
  readonly escalateOn: readonly Reason[];
  /** Whether a detection in heavy's uncertain band is believed; then it is escalated with that reason. */
  readonly believeUncertain: boolean;
  /** Whether tiny's `accept` stands while heavy cannot be asked. */
  readonly believeTinyAlone: boolean;
  /** A transcript below this confidence is not settled locally. */
  readonly minConfidence: number;
  /** An utterance above this is complex whatever was understood of it. */
  readonly longUtteranceMs: number;
  /** Labels with a local answer, and the intent that answers them. */
  readonly answers: Readonly<Record<string, string>>;
}

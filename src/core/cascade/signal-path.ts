import type { SignalTraits } from '../signal/frame.js';
import type { Framer } from '../signal/framer.js';
import type { Gate } from '../signal/gate.js';
import type { HighPass } from '../signal/high-pass.js';
import type { Ring } from '../signal/ring.js';
import type { Detector } from './detector.js';
import type { Reach } from './feeding.js';
import type { DetectionFlow } from './flow.js';
import type { NearMisses } from './near-misses.js';
import type { CascadeProfile } from './profile.js';

/** What of a signal's path goes by the profile and the stages, and may be exchanged. */
export interface Behaviour {
  profile: CascadeProfile;
  detector: Detector;
  nearMisses: NearMisses;
  flow: DetectionFlow;
  reach: Reach;
}

/** What exists once the signal's format is known. */
export interface SignalPath extends Behaviour {
  readonly format: SignalTraits;
  readonly isAudio: boolean;
  readonly framer: Framer;
  /** Of a signal of one channel; null: it is taken as it is. */
  readonly highPass: HighPass | null;
  readonly ring: Ring;
  readonly gate: Gate;
  readonly hopMs: number;
  readonly levelHops: number;
  readonly countersHops: number;
}

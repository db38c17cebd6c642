import type { Clip } from '../../core/cascade/escalation.js';
import type { Reason, TrailEntry } from '../../core/events/events.js';

/** What leaves the device for one escalation: the parts a rule holds back are null, the transcript is redacted. */
export interface Upload {
  readonly key: string;
  readonly kind: 'voice' | 'sensor';
  /** Name of the egress rule that let it out. */
  readonly rule: string;
  /** How often something was taken out of the transcript. */
  readonly redactions: number;
  /** Whether it is sent now or later, why, and on what that was decided. */
  readonly routing: Routing;
  readonly detection: string;
  readonly source: string;
  readonly sample: number;
  readonly wallTime: string;
  readonly priority: number;
  /** The device has acted on an answer of its own: what an action would do is done. */
  readonly answeredHere: boolean;
  readonly label: string | null;
  readonly reasons: readonly Reason[] | null;
  readonly trail: readonly TrailEntry[] | null;
  readonly transcript: string | null;
  readonly summary: unknown;
  readonly clip: Clip | null;
}

/** What a routing decision is made on; recorded with it, so that a learned router can be trained on them. */
export interface RoutingFeatures {
  readonly kind: Upload['kind'];
  readonly priority: number;
  readonly reasons: readonly Reason[];
  /** Confidence of the last stage that judged; null where none did or it may not leave. */
  readonly confidence: number | null;
  /** Words of the transcript; null without one. */
  readonly words: number | null;
  readonly audioSeconds: number;
  readonly hasSummary: boolean;
  /** What the policy on the device decided on: confidences of the stages, length, unknown words, other sources. */
  readonly local: Readonly<Record<string, number>>;
}

/** Ask the cloud at once, ask it when it is asked anyway or after a while, or let the local answer stand. */
export type RouteKind = 'now' | 'later' | 'settle';

/** Where a router that is only looked at would have a question begin. */
export interface RouteBeside {
  /** Which one: its file, and what that held. */
  readonly candidate: string;
  readonly begin: 'cheap' | 'dear';
  readonly because: string;
}

/** Whom a question goes to among several providers. */
export interface Asks {
  /** Names of the specialists that take it, first of all; most have none. */
  readonly specialists: readonly string[];
  /** `dear`: what is cheap is passed over, since it would only add delay. */
  readonly begin: 'cheap' | 'dear';
  /** Why it begins there, strongest reason first; empty where nobody was asked. */
  readonly because: string;
  /** Left out where no router is looked at beside. */
  readonly beside?: RouteBeside | undefined;
}

/** A decision, with why and on what. */
export interface Routing {
  readonly route: RouteKind;
  readonly because: string;
  /** Whom to ask of those that are asked one after the other, and why. */
  readonly asks: Asks;
  readonly features: RoutingFeatures;
}

/** What a rule may let out of an escalation. `features` are the stages' scores, confidences and contributions. */
export type Part = 'label' | 'features' | 'transcript' | 'summary' | 'audio';

/** The parts an upload carries, for the audit. */
export function partsOf(upload: Upload): Part[] {
  const parts: [Part, unknown][] = [
    ['label', upload.label],
    ['features', upload.trail],
    ['transcript', upload.transcript],
    ['summary', upload.summary],
    ['audio', upload.clip],
  ];
  return parts.filter(([, value]) => value !== null && value !== undefined).map(([part]) => part);
}

import type { Reason, TrailEntry } from './events.js';
import type { Settlement } from './settle.js';
import type { Recognition } from './stage.js';

/** What is done with detections, as data. */
export interface PolicyProfile {
  /** Reasons that send a verified detection to the cloud when it cannot be settled here. */
  readonly escalateOn: readonly Reason[];
  /** Whether a detection in heavy's uncertain band is believed; then it is escalated with that reason. */
  readonly believeUncertain: boolean;
  /** Whether tiny's `accept` stands while heavy cannot be asked. */
  readonly believeTinyAlone: boolean;
  /** A transcript below this confidence is not settled locally. */
  readonly settleMinConfidence: number;
  /** An utterance above this is complex whatever was understood of it. */
  readonly longUtteranceMs: number;
  /** Labels with a local answer, and the intent that answers them. */
  readonly answers: Readonly<Record<string, string>>;
}

/** What else the policy may know. */
export interface PolicyContext {
  /** Other sources that noticed something within the arbitration window. */
  readonly otherSources: readonly string[];
}

/** Whether a detection is believed. `reasons` are carried on to the next decision. */
export type Belief =
  | { readonly action: 'drop'; readonly reasons: readonly Reason[] }
  | { readonly action: 'next'; readonly reasons: readonly Reason[]; readonly degraded: boolean };

/** Where a believed detection goes. */
export type Route =
  | { readonly action: 'drop'; readonly reasons: readonly Reason[] }
  | { readonly action: 'escalate'; readonly reasons: readonly Reason[] }
  | {
      readonly action: 'settle';
      readonly reasons: readonly Reason[];
      readonly intent: string;
      readonly slots: Readonly<Record<string, string>>;
    };

/** An utterance and what came of it. */
export interface HeardUtterance {
  readonly outcome: 'endpoint' | 'timeout' | 'gap' | 'end-of-source';
  /** Whether any speech was heard in it. */
  readonly spoken: boolean;
  readonly durationMs: number;
  /** Null where no recogniser was asked. */
  readonly recognition: Recognition | null;
  /** Null where there was nothing to match. */
  readonly settlement: Settlement | null;
}

/**
 * Whether what tiny noticed is believed. `verified` says that a heavy stage is configured, and so that the last
 * entry of the trail is its decision.
 */
export function believe(trail: readonly TrailEntry[], verified: boolean, profile: PolicyProfile): Belief {
  const last = trail.at(-1);
  if (last === undefined) return { action: 'drop', reasons: ['refused'] };
  switch (last.kind) {
    case 'accept':
      return { action: 'next', reasons: [], degraded: false };
    case 'reject':
      return { action: 'drop', reasons: ['refused'] };
    case 'uncertain':
      return profile.believeUncertain
        ? { action: 'next', reasons: ['uncertain'], degraded: false }
        : { action: 'drop', reasons: ['uncertain'] };
    case 'abstain': {
      const tiny = trail[0];
      const stands = verified && profile.believeTinyAlone && tiny?.kind === 'accept';
      return stands
        ? { action: 'next', reasons: ['degraded'], degraded: true }
        : { action: 'drop', reasons: ['abstained'] };
    }
  }
}

/** Where a believed detection without an utterance goes: a known label is answered here. */
export function routeLabel(
  label: string,
  carried: readonly Reason[],
  context: PolicyContext,
  profile: PolicyProfile,
): Route {
  // It was settled or sent when it began, and is still the same fault.
  if (carried.includes('resumed')) return escalateOrDrop(carried, profile);
  const intent = Object.hasOwn(profile.answers, label) ? profile.answers[label] : undefined;
  const doubts = [...carried.filter((reason) => reason !== 'degraded'), ...crowd(context)];
  if (intent !== undefined && !doubts.some((reason) => profile.escalateOn.includes(reason))) {
    return { action: 'settle', reasons: [...carried, 'known-fault'], intent, slots: {} };
  }
  return escalateOrDrop([...carried, ...crowd(context), ...(intent === undefined ? UNKNOWN : [])], profile);
}

/** Where an utterance goes. What was cut by a gap is never acted on. */
export function routeUtterance(
  heard: HeardUtterance,
  carried: readonly Reason[],
  context: PolicyContext,
  profile: PolicyProfile,
): Route {
  if (heard.outcome === 'gap') return escalateOrDrop([...carried, 'gap'], profile);
  if (!heard.spoken) return { action: 'drop', reasons: [...carried, 'timeout'] };
  const doubts = [...carried.filter((reason) => reason !== 'degraded'), ...crowd(context)];
  if (heard.durationMs > profile.longUtteranceMs) doubts.push('long-utterance');
  doubts.push(...understanding(heard, profile));
  const { settlement } = heard;
  if (doubts.length === 0 && settlement?.kind === 'settled') {
    const { intent, slots } = settlement;
    return { action: 'settle', reasons: [...carried, 'confident', 'matched'], intent, slots };
  }
  const degraded = carried.filter((reason) => reason === 'degraded');
  return escalateOrDrop([...degraded, ...doubts], profile);
}

const UNKNOWN: readonly Reason[] = ['unknown-fault'];

function crowd(context: PolicyContext): readonly Reason[] {
  return context.otherSources.length > 0 ? ['several-sources'] : [];
}

/** Why an utterance was not, or not surely, understood; empty when it was. */
function understanding(heard: HeardUtterance, profile: PolicyProfile): readonly Reason[] {
  const { recognition, settlement } = heard;
  if (recognition === null) return ['configured'];
  switch (recognition.kind) {
    case 'abstain':
      return ['abstained'];
    case 'empty':
      return ['empty-transcript'];
    case 'transcript': {
      if (settlement?.kind !== 'settled') return [settlement?.reason ?? 'no-match'];
      return recognition.confidence < profile.settleMinConfidence ? ['uncertain'] : [];
    }
  }
}

function escalateOrDrop(reasons: readonly Reason[], profile: PolicyProfile): Route {
  const goes = reasons.some((reason) => profile.escalateOn.includes(reason));
  return { action: goes ? 'escalate' : 'drop', reasons };
}

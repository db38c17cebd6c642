import type { Reason, TrailEntry } from '../events/events.js';
import type { PolicyProfile } from './profile.js';
import type { Settlement } from './settle.js';
import type { Recognition } from './stage.js';
import type { Utterance } from './utterance.js';

/** What else the policy may know. */
export interface PolicyContext {
  /** Other sources that noticed something within the arbitration window. */
  readonly otherSources: readonly string[];
  /** The cloud cannot be asked just now: it is away, or a budget is spent. */
  readonly cloudAway: boolean;
}

/** What the device answers by itself. */
export interface LocalAnswer {
  readonly intent: string;
  readonly slots: Readonly<Record<string, string>>;
}

/** Whether a detection is believed. `reasons` are carried on to the next decision. */
export type Belief =
  | { readonly action: 'drop'; readonly reasons: readonly Reason[] }
  | { readonly action: 'next'; readonly reasons: readonly Reason[]; readonly degraded: boolean };

/** Where a believed detection goes. */
export type Resolution =
  | { readonly action: 'drop'; readonly reasons: readonly Reason[] }
  | {
      readonly action: 'escalate';
      readonly reasons: readonly Reason[];
      /** It waits, because the cloud is away. */
      readonly degraded: boolean;
      /**
       * The local answer that stands meanwhile; null where there is none, or the cloud is there to give a
       * better one.
       */
      readonly standing: LocalAnswer | null;
    }
  | ({
      readonly action: 'settle';
      readonly reasons: readonly Reason[];
      /** Rests on tiny alone, or there was no cloud to turn to. */
      readonly degraded: boolean;
    } & LocalAnswer);

/** An utterance and what came of it. */
export interface HeardUtterance extends Pick<Utterance, 'outcome' | 'spoken'> {
  readonly durationMs: number;
  /** Null where no recogniser was asked. */
  readonly recognition: Recognition | null;
  /** Null where there was nothing to match. */
  readonly settlement: Settlement | null;
}

/** Who decided last on what tiny noticed: heavy, what stood in for it, or, where there is none, tiny. */
export type Verifier = 'heavy' | 'stand-in' | 'none';

/** Whether what tiny noticed is believed. Where there is a `verifier`, the last entry of the trail is its decision. */
export function believe(trail: readonly TrailEntry[], verifier: Verifier, profile: PolicyProfile): Belief {
  const degraded = verifier === 'stand-in';
  const standIn: readonly Reason[] = degraded ? ['degraded'] : [];
  const last = trail.at(-1);
  if (last === undefined) return { action: 'drop', reasons: ['refused'] };
  switch (last.kind) {
    case 'accept':
      return { action: 'next', reasons: standIn, degraded };
    case 'reject':
      return { action: 'drop', reasons: ['refused'] };
    case 'uncertain':
      return profile.believeUncertain
        ? { action: 'next', reasons: ['uncertain', ...standIn], degraded }
        : { action: 'drop', reasons: ['uncertain'] };
    case 'abstain': {
      const tiny = trail[0];
      const stands = verifier !== 'none' && profile.believeTinyAlone && tiny?.kind === 'accept';
      return stands
        ? { action: 'next', reasons: ['degraded'], degraded: true }
        : { action: 'drop', reasons: ['abstained'] };
    }
  }
}

/** Where a believed detection without an utterance goes: a known label is answered here. */
export function resolveLabel(
  label: string,
  carried: readonly Reason[],
  context: PolicyContext,
  profile: PolicyProfile,
): Resolution {
  // It was settled or sent when it began, and is still the same fault.
  if (carried.includes('resumed')) return escalateOrDrop(carried, null, context, profile);
  const intent = Object.hasOwn(profile.answers, label) ? profile.answers[label] : undefined;
  const doubts = [...carried.filter((reason) => reason !== 'degraded'), ...crowd(context, profile)];
  const answer = intent === undefined ? null : { intent, slots: { value: label } };
  if (answer !== null && !doubts.some((reason) => profile.escalateOn.includes(reason))) {
    return settle(answer, [...carried, 'known-fault'], context);
  }
  const reasons = [...carried, ...crowd(context, profile), ...(intent === undefined ? UNKNOWN : [])];
  return escalateOrDrop(reasons, sureOf(answer, doubts), context, profile);
}

/** Where an utterance goes. What was cut by a gap is never acted on. */
export function resolveUtterance(
  heard: HeardUtterance,
  carried: readonly Reason[],
  context: PolicyContext,
  profile: PolicyProfile,
): Resolution {
  if (heard.outcome === 'gap') return escalateOrDrop([...carried, 'gap'], null, context, profile);
  if (!heard.spoken) return { action: 'drop', reasons: [...carried, 'timeout'] };
  const doubts = [...carried.filter((reason) => reason !== 'degraded'), ...crowd(context, profile)];
  if (heard.durationMs > profile.longUtteranceMs) doubts.push('long-utterance');
  doubts.push(...understanding(heard, profile));
  const { settlement } = heard;
  const answer = settlement?.kind === 'settled' ? settlement : null;
  if (doubts.length === 0 && answer !== null) {
    return settle(answer, [...carried, 'confident', 'matched'], context);
  }
  const degraded = carried.filter((reason) => reason === 'degraded');
  return escalateOrDrop([...degraded, ...doubts], sureOf(answer, doubts), context, profile);
}

const UNKNOWN: readonly Reason[] = ['unknown-fault'];

/** Only where it is a reason to ask the cloud does company make a detection doubtful. */
function crowd(context: PolicyContext, profile: PolicyProfile): readonly Reason[] {
  const counts = context.otherSources.length > 0 && profile.escalateOn.includes('several-sources');
  return counts ? ['several-sources'] : [];
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
      return recognition.confidence < profile.minConfidence ? ['uncertain'] : [];
    }
  }
}

function settle(
  { intent, slots }: LocalAnswer,
  reasons: readonly Reason[],
  context: PolicyContext,
): Resolution {
  const degraded = context.cloudAway || reasons.includes('degraded');
  return { action: 'settle', reasons, degraded, intent, slots };
}

/** Doubts about who was meant or how much was said, not about what was understood. */
const BEYOND_UNDERSTANDING: readonly Reason[] = ['several-sources', 'long-utterance'];

/** The local answer where it was understood, and only something else speaks against it. */
function sureOf(answer: LocalAnswer | null, doubts: readonly Reason[]): LocalAnswer | null {
  return doubts.every((doubt) => BEYOND_UNDERSTANDING.includes(doubt)) ? answer : null;
}

function escalateOrDrop(
  reasons: readonly Reason[],
  answer: LocalAnswer | null,
  { cloudAway }: PolicyContext,
  profile: PolicyProfile,
): Resolution {
  if (!reasons.some((reason) => profile.escalateOn.includes(reason))) return { action: 'drop', reasons };
  return { action: 'escalate', reasons, degraded: cloudAway, standing: cloudAway ? answer : null };
}

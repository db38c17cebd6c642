import type { Escalation, SpeechStart } from '../core/cascade/escalation.js';
import type { TrailEntry } from '../core/events/events.js';
import { createRedactor, type Redaction } from '../egress/redact.js';
import { createWayOut, type WayOut } from '../egress/way-out.js';
import { matchesAny } from './globs.js';
import type { Part, Upload } from './queue/upload.js';
import { createRuleRouter, type Router, routeOf } from './routing.js';

/** What happens to an escalation that would go over a budget. */
export type AtLimit = 'hold' | 'drop' | 'settle';

/** Names what may leave for the escalations it matches; the first rule that matches decides. */
export interface EgressRule {
  readonly name: string;
  readonly kinds: readonly ('voice' | 'sensor')[];
  /** Source ids and labels; `*` stands for any run of characters. */
  readonly sources: readonly string[];
  readonly labels: readonly string[];
  readonly allow: readonly Part[];
  /** Whether all of it may reach workers and devices of the house; what may leave may so without it. */
  readonly edge: boolean;
  readonly atLimit: AtLimit;
}

export interface EgressConfig {
  readonly rules: readonly EgressRule[];
  readonly redact: Redaction;
}

/** An escalation after the rules: what may leave of it, or why nothing may. */
export type Admission =
  | { readonly kind: 'admitted'; readonly upload: Upload }
  | { readonly kind: 'denied'; readonly why: string };

const EVERYTHING_NOW = { laterPriority: Number.NEGATIVE_INFINITY, laterReasons: [] };

/** What of a detection may be told to others than the cloud: by the same rules, and redacted alike. */
export interface Clearance {
  /** Parts that may leave of a detection; none where no rule names it, or when offline. */
  partsOf(kind: Upload['kind'], source: string, label: string): readonly Part[];
  /** Whether a part of it may reach workers and devices of the house, and by which rule. */
  edgeOf(kind: Upload['kind'], source: string, label: string, part: Part): EdgePassage;
  /** A text without what it must not tell. */
  redact(text: string): string;
}

/** What a rule says of the way to other machines of the house. */
export interface EdgePassage {
  readonly rule: string;
  readonly mayPass: boolean;
}

/** Stands between what the cascade knows and every socket. */
export interface UplinkWayOut extends WayOut, Clearance {
  /** Takes out of an escalation what its rule does not name, and what redaction hides. */
  admit(escalation: Escalation): Admission;
  /** Whether the audio of an utterance may leave while it is being said, and by which rule. */
  admitSpeech(start: SpeechStart): { readonly rule: string; readonly mayLeave: boolean };
  /** What the rules of today still let out of an upload stored under the rules of then; null for nothing. */
  review(upload: Upload): Upload | null;
  /** The rule an upload left by; null when it is no longer there. */
  ruleOf(upload: Upload): EgressRule | null;
}

/** Makes the way out. Throws `CONFIG_INVALID` for a redaction pattern that is no regular expression. */
export function createUplinkWayOut(
  config: EgressConfig,
  offline: boolean,
  router: Router = createRuleRouter(EVERYTHING_NOW),
): UplinkWayOut {
  const redact = createRedactor(config.redact);
  const ruleFor = (kind: Upload['kind'], source: string, label: string) =>
    config.rules.find(
      (rule) =>
        rule.kinds.includes(kind) && matchesAny(rule.sources, source) && matchesAny(rule.labels, label),
    ) ?? null;
  return {
    ...createWayOut(offline),
    partsOf: (kind, source, label) => (offline ? [] : (ruleFor(kind, source, label)?.allow ?? [])),
    edgeOf: (kind, source, label, part) => {
      const rule = ruleFor(kind, source, label);
      if (rule === null) return { rule: 'none', mayPass: false };
      return { rule: rule.name, mayPass: !offline && (rule.edge || rule.allow.includes(part)) };
    },
    redact: (text) => redact(text).text,
    admit(escalation) {
      if (offline) return { kind: 'denied', why: 'offline' };
      const kind = escalation.summary === null ? 'voice' : 'sensor';
      const rule = ruleFor(kind, escalation.source, escalation.label);
      if (rule === null) return { kind: 'denied', why: 'no egress rule names it' };
      if (rule.allow.length === 0)
        return { kind: 'denied', why: `egress rule "${rule.name}" lets nothing out` };
      return { kind: 'admitted', upload: reduce(escalation, kind, rule, redact, router) };
    },
    admitSpeech({ source, label }) {
      const rule = ruleFor('voice', source, label);
      if (rule === null) return { rule: 'none', mayLeave: false };
      return { rule: rule.name, mayLeave: !offline && rule.allow.includes('audio') };
    },
    review(upload) {
      if (offline) return null;
      const rule = config.rules.find((candidate) => candidate.name === upload.rule);
      return rule === undefined || rule.allow.length === 0 ? null : restrict(upload, rule.allow);
    },
    ruleOf(upload) {
      return config.rules.find((candidate) => candidate.name === upload.rule) ?? null;
    },
  };
}

function reduce(
  escalation: Escalation,
  kind: Upload['kind'],
  rule: EgressRule,
  redact: ReturnType<typeof createRedactor>,
  router: Router,
): Upload {
  const { key, detection, source, sample, wallTime, priority, answeredHere, transcript } = escalation;
  const redacted = transcript === null ? null : redact(transcript);
  const whole = {
    key,
    kind,
    rule: rule.name,
    redactions: rule.allow.includes('transcript') ? (redacted?.count ?? 0) : 0,
    detection,
    source,
    sample,
    wallTime,
    priority,
    answeredHere,
    label: escalation.label,
    reasons: escalation.reasons,
    trail: escalation.trail.map(withoutThresholds),
    transcript: redacted?.text ?? null,
    summary: escalation.summary,
    clip: escalation.clip,
  };
  // Decided on what may leave, not on what may not: the features go on record.
  const admitted = restrict(whole, rule.allow);
  return { ...admitted, routing: routeOf(admitted, escalation.features, router) };
}

/** What an answer was held to is of use to whoever tunes it, not to the far end, who bills each byte. */
function withoutThresholds(entry: TrailEntry): TrailEntry {
  if (entry.kind === 'abstain') return entry;
  const { thresholds: _, ...told } = entry;
  return told;
}

function restrict<T extends Omit<Upload, 'routing'>>(upload: T, allow: readonly Part[]): T {
  const may = (part: Part) => allow.includes(part);
  return {
    ...upload,
    label: may('label') ? upload.label : null,
    reasons: may('label') ? upload.reasons : null,
    trail: may('features') ? upload.trail : null,
    transcript: may('transcript') ? upload.transcript : null,
    summary: may('summary') ? upload.summary : null,
    clip: may('audio') ? upload.clip : null,
  };
}

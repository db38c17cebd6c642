import { CatnapError } from '../core/errors.js';
import type { Escalation } from '../core/uplink.js';
import type { Upload } from './provider.js';
import { createRedactor, type Redaction } from './redact.js';
import { createRuleRouter, type Router, routeOf } from './routing.js';

/** What a rule may let out of an escalation. `features` are the stages' scores, confidences and contributions. */
export type Part = 'label' | 'features' | 'transcript' | 'summary' | 'audio';

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
  readonly atLimit: AtLimit;
}

export interface EgressConfig {
  readonly rules: readonly EgressRule[];
  readonly redact: Redaction;
}

/** One crossing of the line between the device and the world. */
export interface Passage {
  readonly what: 'connect' | 'upload' | 'audio' | 'webhook' | 'mqtt';
  /** Host it goes to. */
  readonly to: string;
  readonly bytes: number;
}

/** An escalation after the rules: what may leave of it, or why nothing may. */
export type Admission =
  | { readonly kind: 'admitted'; readonly upload: Upload }
  | { readonly kind: 'denied'; readonly why: string };

const EVERYTHING_NOW = { laterPriority: Number.NEGATIVE_INFINITY, laterReasons: [] };

/** Stands between the device and every socket. */
export interface EgressGate {
  /** Takes out of an escalation what its rule does not name, and what redaction hides. */
  admit(escalation: Escalation): Admission;
  /** What the rules of today still let out of an upload stored under the rules of then; null for nothing. */
  review(upload: Upload): Upload | null;
  /** The rule an upload left by; null when it is no longer there. */
  ruleOf(upload: Upload): EgressRule | null;
  /**
   * The one function through which every byte leaves: counts it, then calls `send`. Throws `EGRESS_DENIED` when
   * offline, in which case `send` is not called and no socket is opened.
   */
  leave<T>(passage: Passage, send: () => T): T;
  /** Bytes that left, by what they were. */
  readonly bytesOut: Readonly<Record<Passage['what'], number>>;
}

/** Makes the gate. Throws `CONFIG_INVALID` for a redaction pattern that is no regular expression. */
export function createEgressGate(
  config: EgressConfig,
  offline: boolean,
  router: Router = createRuleRouter(EVERYTHING_NOW),
): EgressGate {
  const redact = createRedactor(config.redact);
  const bytesOut = { connect: 0, upload: 0, audio: 0, webhook: 0, mqtt: 0 };
  const ruleFor = (kind: Upload['kind'], source: string, label: string) =>
    config.rules.find(
      (rule) => rule.kinds.includes(kind) && matches(rule.sources, source) && matches(rule.labels, label),
    ) ?? null;
  return {
    bytesOut,
    admit(escalation) {
      if (offline) return { kind: 'denied', why: 'offline' };
      const kind = escalation.summary === null ? 'voice' : 'sensor';
      const rule = ruleFor(kind, escalation.source, escalation.label);
      if (rule === null) return { kind: 'denied', why: 'no egress rule names it' };
      if (rule.allow.length === 0)
        return { kind: 'denied', why: `egress rule "${rule.name}" lets nothing out` };
      return { kind: 'admitted', upload: reduce(escalation, kind, rule, redact, router) };
    },
    review(upload) {
      if (offline) return null;
      const rule = config.rules.find((candidate) => candidate.name === upload.rule);
      return rule === undefined || rule.allow.length === 0 ? null : restrict(upload, rule.allow);
    },
    ruleOf(upload) {
      return config.rules.find((candidate) => candidate.name === upload.rule) ?? null;
    },
    leave(passage, send) {
      if (offline) throw new CatnapError('EGRESS_DENIED', `${passage.to}: offline, nothing may leave`);
      bytesOut[passage.what] += passage.bytes;
      return send();
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
    trail: escalation.trail,
    transcript: redacted?.text ?? null,
    summary: escalation.summary,
    clip: escalation.clip,
  };
  // Decided on what may leave, not on what may not: the features go on record.
  const admitted = restrict(whole, rule.allow);
  return { ...admitted, routing: routeOf(admitted, router) };
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

function matches(globs: readonly string[], text: string): boolean {
  return globs.some((glob) => {
    const parts = glob.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
  });
}

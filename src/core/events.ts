import { z } from 'zod';

/** Version of the event union. Adding a type or an optional meaning keeps it; changing a meaning raises it. */
export const EVENT_VERSION = 1;

/** Where an energy figure comes from. */
export const energyBasisSchema = z.enum(['measured', 'modelled']).meta({ id: 'energyBasis' });

/** What one piece of work cost. Stands in `measured` blocks only, which the canonical form leaves out. */
export const costSchema = z
  .strictObject({
    latencyMs: z.number(),
    cpuMs: z.number(),
    energyMj: z.number(),
    basis: energyBasisSchema,
  })
  .meta({ id: 'cost' });

const contributionSchema = z.strictObject({
  channel: z.string(),
  share: z.number(),
  /** What about the channel strayed most, where it is described by several figures. */
  feature: z.string().optional(),
});

const judgementSchema = z.strictObject({
  kind: z.enum(['accept', 'reject', 'uncertain']),
  stage: z.string(),
  label: z.string(),
  score: z.number(),
  confidence: z.number(),
  contributions: z.array(contributionSchema).readonly(),
  /** Sample index of the last sample judged. */
  sample: z.int(),
  measured: costSchema.nullable(),
});

const abstentionSchema = z.strictObject({
  kind: z.literal('abstain'),
  stage: z.string(),
  code: z.string(),
  sample: z.int(),
  measured: costSchema.nullable(),
});

/** One step of a detection's trail: a stage's decision, where on the sample clock, and what it cost. */
export const trailEntrySchema = z.union([judgementSchema, abstentionSchema]).meta({ id: 'trailEntry' });

/** Why a detection went where it went. */
export const reasonSchema = z
  .enum([
    'confident',
    'refused',
    'uncertain',
    'abstained',
    'degraded',
    'matched',
    'no-match',
    'empty-transcript',
    'unknown-words',
    'long-utterance',
    'known-fault',
    'unknown-fault',
    'several-sources',
    'configured',
    'budget',
    'gap',
    'timeout',
    'resumed',
  ])
  .meta({ id: 'reason' });

const measuredSchema = z
  .strictObject({
    /** ISO 8601 wall time of publication. */
    wallTime: z.string(),
    /** Identifies the run, so that ids are unique across restarts. */
    run: z.string(),
    /** From the last sample the event rests on being available to its publication. */
    latencyMs: z.number().nullable(),
  })
  .meta({ id: 'measured' });

const runtimeBase = {
  v: z.literal(EVENT_VERSION),
  /** `<source or component>/<counter>`, unique within a run and the same on every replay; `~2` marks a restarted worker. */
  id: z.string(),
  measured: measuredSchema.nullable(),
};

const signalBase = {
  ...runtimeBase,
  source: z.string(),
  /** Sample index the event stands at. */
  sample: z.int(),
  /** The same in milliseconds of the sample clock. */
  atMs: z.number(),
};

const detectionBase = {
  ...signalBase,
  /** Groups all events of one detection. */
  detection: z.string(),
  label: z.string(),
};

/** The figures a routing decision was made on: confidences, words, milliseconds of speech. */
const routingFeaturesSchema = z.record(z.string(), z.number());

const withTrail = { ...detectionBase, trail: z.array(trailEntrySchema).readonly() };

/** Every event Catnap publishes, discriminated by `type`. */
export const cascadeEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('noticed'), ...withTrail }),
  z.strictObject({ type: z.literal('refused'), ...withTrail, reasons: z.array(reasonSchema).readonly() }),
  z.strictObject({
    type: z.literal('verified'),
    ...withTrail,
    degraded: z.boolean(),
    /** Sample index at which what was detected begins, as well as the stages know. */
    startSample: z.int(),
    /** It was confirmed before a gap or a restart and not seen to end; then nothing is done or sent again. */
    resumed: z.literal(true).optional(),
  }),
  z.strictObject({ type: z.literal('updated'), ...withTrail }),
  z.strictObject({ type: z.literal('ended'), ...detectionBase, startSample: z.int(), endSample: z.int() }),
  z.strictObject({
    type: z.literal('utterance'),
    ...detectionBase,
    outcome: z.enum(['endpoint', 'timeout', 'gap', 'end-of-source']),
    startSample: z.int(),
    endSample: z.int(),
  }),
  z.strictObject({
    type: z.literal('settled'),
    ...withTrail,
    reasons: z.array(reasonSchema).readonly(),
    /** Rests on tiny alone, or there was no cloud to turn to. */
    degraded: z.boolean(),
    transcript: z.string().nullable(),
    intent: z.string(),
    slots: z.record(z.string(), z.string()),
    features: routingFeaturesSchema,
  }),
  z.strictObject({
    type: z.literal('escalated'),
    ...withTrail,
    reasons: z.array(reasonSchema).readonly(),
    /** The cloud is away: it waits. */
    degraded: z.boolean(),
    transcript: z.string().nullable(),
    features: routingFeaturesSchema,
  }),
  z.strictObject({
    type: z.literal('action'),
    ...runtimeBase,
    detection: z.string(),
    action: z.string(),
    outcome: z.enum(['done', 'dry-run', 'skipped', 'failed']),
    detail: z.string(),
  }),
  z.strictObject({ type: z.literal('answer-part'), ...runtimeBase, detection: z.string(), text: z.string() }),
  z.strictObject({
    type: z.literal('verdict'),
    ...runtimeBase,
    detection: z.string(),
    provider: z.string(),
    label: z.string(),
    text: z.string(),
    cost: z.strictObject({
      bytesUp: z.int(),
      bytesDown: z.int(),
      tokens: z.int(),
      money: z.number(),
      latencyMs: z.number(),
    }),
  }),
  z.strictObject({
    type: z.literal('undelivered'),
    ...runtimeBase,
    detection: z.string(),
    outcome: z.enum(['dead-letter', 'evicted', 'expired', 'denied', 'dropped', 'settled']),
    code: z.string(),
    detail: z.string(),
  }),
  z.strictObject({
    type: z.literal('gap'),
    ...signalBase,
    lostSamples: z.int(),
    reason: z.enum(['overrun', 'dropped', 'lost', 'reset', 'garbage', 'format', 'gated']),
  }),
  z.strictObject({
    type: z.literal('health'),
    ...runtimeBase,
    component: z.string(),
    state: z.enum(['ok', 'degraded', 'down']),
    code: z.string(),
    detail: z.string(),
  }),
]);

export type CascadeEvent = z.infer<typeof cascadeEventSchema>;
export type CascadeEventType = CascadeEvent['type'];
export type EventOf<T extends CascadeEventType> = Extract<CascadeEvent, { type: T }>;
export type TrailEntry = z.infer<typeof trailEntrySchema>;
export type Reason = z.infer<typeof reasonSchema>;
export type Cost = z.infer<typeof costSchema>;
export type EnergyBasis = z.infer<typeof energyBasisSchema>;

/** What each event says; stands in the JSON Schema and in docs/EVENTS.md. */
export const EVENT_MEANINGS: Readonly<Record<CascadeEventType, string>> = {
  noticed: 'Tiny noticed something; heavy is being asked.',
  refused: 'A later stage or the policy refused it.',
  verified:
    'Believed. `degraded` when heavy could not be asked and the policy decided on tiny alone; `resumed` when it was told of before a gap or a restart.',
  updated: 'A tracked detection goes on.',
  ended: 'A tracked detection is over.',
  utterance:
    'What was said after the wake word has been captured; `endpoint` and `timeout` are different outcomes.',
  settled:
    'Decided on the device; costs nothing. `degraded` when heavy could not be asked, or the cloud was away: beside an ' +
    '`escalated` of the same detection it is the answer that stands until the cloud is back.',
  escalated: 'Handed to the uplink. `degraded` while the cloud is away: it waits.',
  action:
    'What an action did, or would have done (`dry-run`). `skipped`: the local answer had been acted on already.',
  'answer-part': "A piece of the cloud's answer as it streams.",
  verdict: "The cloud's checked answer.",
  undelivered:
    'An escalation that will not be answered, and why. `settled`: a budget is spent, so the local answer stands.',
  gap: 'Samples are missing; stages were reset and no detection spans it.',
  health:
    'A component changed its state; one event a transition. What belongs to a source is named `<source>/<part>`.',
};

/** The source whose detection it is: what stands before the slash, without which start of its worker it was. */
export function sourceOf(detection: string): string {
  return detection.slice(0, Math.max(0, detection.indexOf('/'))).replace(/~\d+$/, '');
}

/** Takes every event; never blocks, never throws. */
export interface Sink {
  publish(event: CascadeEvent): void;
  close(): Promise<void>;
}

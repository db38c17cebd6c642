import * as z from '../zod.js';
import {
  errorCodeSchema,
  guardrailMarkSchema,
  reasonSchema,
  stepSchema,
  trailEntrySchema,
} from './trail-schema.js';
import { EVENT_VERSION } from './version.js';

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
  /**
   * `<source or component>/<counter>`, unique within a run and the same on every replay; `~2` marks a
   * restarted worker.
   */
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

/** What the guardrails made of the answer, in the order in which they judged; left out where there are none. */
const guardrailMarksSchema = z.array(guardrailMarkSchema).readonly();

/** How what was noticed sounded, and the room it was said in. */
export const soundSchema = z
  .strictObject({
    /** Loudest 20 ms of the second up to where it was noticed, RMS in dB re full scale. */
    levelDb: z.number(),
    /** What the gate takes for quiet then, dB re full scale; null without a gate. */
    floorDb: z.number().nullable(),
    /** How high the voice is, median over the voiced part; null where too little of it is voiced. */
    pitchHz: z.number().nullable(),
  })
  .meta({ id: 'sound' });

/** How what was noticed sounded; left out of signals that are no sound. */
const ofSound = { sound: soundSchema.optional() };

const withTrail = { ...detectionBase, trail: z.array(trailEntrySchema).readonly() };

const routeSchema = z.enum(['cheap', 'dear']);

/** Every event Catnap publishes, discriminated by `type`. */
export const cascadeEventSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('noticed'), ...withTrail }),
  z.strictObject({
    type: z.literal('refused'),
    ...withTrail,
    ...ofSound,
    reasons: z.array(reasonSchema).readonly(),
  }),
  z.strictObject({
    type: z.literal('verified'),
    ...withTrail,
    ...ofSound,
    degraded: z.boolean(),
    /** Sample index at which what was detected begins, as well as the stages know. */
    startSample: z.int(),
    /** It was confirmed before a gap or a restart and not seen to end; then nothing is done or sent again. */
    resumed: z.literal(true).optional(),
  }),
  z.strictObject({
    type: z.literal('near-miss'),
    ...signalBase,
    label: z.string(),
    /** The surest that tiny was of it, and what it would have taken. */
    trail: z.array(trailEntrySchema).readonly(),
    /** Others since the last one, which were too many to tell. */
    skipped: z.int(),
  }),
  z.strictObject({
    type: z.literal('shadow'),
    ...withTrail,
    /** The cascade that listens beside, and which settings of both it was: `<name>@<digest>`. */
    candidate: z.string(),
    /** Whether it would have believed it. */
    believed: z.boolean(),
    /** Of what lasted: one past the last sample at which it was there, once that is over. */
    endSample: z.int().optional(),
  }),
  z.strictObject({ type: z.literal('updated'), ...withTrail }),
  z.strictObject({
    type: z.literal('ended'),
    ...withTrail,
    startSample: z.int(),
    endSample: z.int(),
    /** The signal broke off, or was over, while it lasted: nobody saw it end. */
    interrupted: z.literal(true).optional(),
  }),
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
  z.strictObject({
    type: z.literal('sent'),
    ...runtimeBase,
    detection: z.string(),
    provider: z.string(),
    /** What of it left: label, features, transcript, summary, audio. */
    parts: z.array(z.string()).readonly(),
    bytesUp: z.int(),
  }),
  z.strictObject({
    type: z.literal('clip'),
    ...runtimeBase,
    detection: z.string(),
    /** Below the folder `clips` of the state; a WAV file. */
    file: z.string(),
    bytes: z.int(),
  }),
  z.strictObject({ type: z.literal('answer-part'), ...runtimeBase, detection: z.string(), text: z.string() }),
  z.strictObject({
    type: z.literal('verdict'),
    ...runtimeBase,
    detection: z.string(),
    provider: z.string(),
    label: z.string(),
    text: z.string(),
    guardrails: guardrailMarksSchema.optional(),
    /** Whom it took, where providers are asked one after the other. */
    steps: z.array(stepSchema).readonly().optional(),
    /** Where a router that was learnt had it begin, and the figures that counted most for or against that. */
    asks: z.strictObject({ begin: routeSchema, because: z.string() }).optional(),
    /** Where it began, and where a router that is only looked at would have begun. */
    routes: z
      .strictObject({ begun: routeSchema, candidate: z.string(), would: routeSchema, because: z.string() })
      .optional(),
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
    outcome: z.enum(['dead-letter', 'evicted', 'expired', 'denied', 'dropped', 'settled', 'unanswered']),
    code: errorCodeSchema,
    detail: z.string(),
    guardrails: guardrailMarksSchema.optional(),
  }),
  z.strictObject({
    type: z.literal('gap'),
    ...signalBase,
    lostSamples: z.int(),
    reason: z.enum(['overrun', 'dropped', 'lost', 'reset', 'garbage', 'format', 'gated', 'muted']),
  }),
  z.strictObject({
    type: z.literal('health'),
    ...runtimeBase,
    component: z.string(),
    state: z.enum(['ok', 'degraded', 'down']),
    code: z.union([z.literal('OK'), errorCodeSchema]),
    detail: z.string(),
  }),
  z.strictObject({
    type: z.literal('command'),
    ...runtimeBase,
    /** What was asked for: mute, unmute, ... */
    command: z.string(),
    /** The source it is about; empty: all of them. */
    source: z.string(),
    /** Who asked, as they call themselves, and from where. */
    by: z.string(),
    outcome: z.enum(['done', 'refused']),
    detail: z.string(),
  }),
  z.strictObject({
    type: z.literal('label'),
    ...runtimeBase,
    /** `<run>/<detection>`: what it is about, unique for ever. */
    detection: z.string(),
    /** Tiny only almost noticed it: nothing was woken. */
    nearMiss: z.literal(true).optional(),
    source: z.string(),
    /** What it was taken for. */
    label: z.string(),
    /** ISO 8601 wall time of what it is about; when it was said stands in `measured`. */
    at: z.string(),
    verdict: z.enum(['right', 'wrong']),
    /** What it was, where somebody says so. */
    was: z.string().nullable(),
    /** Who says so, as in `command`. */
    by: z.string(),
    /** It was read from a folder of labelled clips; left out where the owner says it. */
    witness: z.literal('folder').optional(),
  }),
]);

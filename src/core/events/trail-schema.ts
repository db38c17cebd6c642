import { ERROR_CODES } from '../errors.js';
import * as z from '../zod.js';

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
  /** What the confidence was held to: the thresholds in force, of this word. */
  thresholds: z.strictObject({ accept: z.number(), reject: z.number() }).optional(),
  /** Between which the confidence lies: finding it out could not have changed the verdict. */
  range: z.strictObject({ least: z.number(), most: z.number() }).optional(),
  /** The time was up before everything was asked that could have changed the verdict. */
  cutShort: z.literal(true).optional(),
  /** Whose the confidence is, where a judge looked at the decision: its kind, the stage's own confidence, and why. */
  judge: z.strictObject({ kind: z.string(), own: z.number(), because: z.string() }).optional(),
  contributions: z.array(contributionSchema).readonly(),
  /** Sample index of the last sample judged. */
  sample: z.int(),
  measured: costSchema.nullable(),
});

/** What went wrong; docs/ERRORS.md says more of each. */
export const errorCodeSchema = z.enum(ERROR_CODES).meta({ id: 'errorCode' });

const abstentionSchema = z.strictObject({
  kind: z.literal('abstain'),
  stage: z.string(),
  code: errorCodeSchema,
  sample: z.int(),
  measured: costSchema.nullable(),
});

/** One step of a detection's trail: a stage's decision, where on the sample clock, and what it cost. */
export const trailEntrySchema = z.union([judgementSchema, abstentionSchema]).meta({ id: 'trailEntry' });

/** What a guardrail made of an answer. */
export const guardrailMarkSchema = z
  .strictObject({
    name: z.string(),
    outcome: z.enum(['passed', 'redacted', 'asked-again', 'blocked', 'unjudged']),
  })
  .meta({ id: 'guardrailMark' });

export type GuardrailMark = z.infer<typeof guardrailMarkSchema>;

const stepJudgementSchema = z.strictObject({
  /** Kind of the judge. */
  kind: z.string(),
  /** That the answer is good enough, and the bar it was held to. */
  confidence: z.number(),
  accept: z.number(),
  because: z.string(),
});

export type StepJudgement = z.infer<typeof stepJudgementSchema>;

/** One provider's part where several were asked about the same, in the order in which that was over. */
export const stepSchema = z
  .strictObject({
    provider: z.string(),
    /**
     * `answered`: it was good enough, or there was nobody better. `passed-on`: it was not; it stands all the same where
     * no later step answered. `compared`: held beside the answer before. `abandoned`: no longer wanted when another had
     * answered. `failed`, `away`, `over-budget`: no answer of it.
     */
    outcome: z.enum(['answered', 'passed-on', 'compared', 'abandoned', 'failed', 'away', 'over-budget']),
    judges: z.array(stepJudgementSchema).readonly(),
    latencyMs: z.number(),
    money: z.number(),
  })
  .meta({ id: 'step' });

export type Step = z.infer<typeof stepSchema>;

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
    'gap',
    'timeout',
    'resumed',
    'heard-elsewhere',
  ])
  .meta({ id: 'reason' });

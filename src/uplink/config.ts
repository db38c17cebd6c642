import type { ActionConfig } from '../actions/action-kind.js';
import { reasonSchema } from '../core/events/trail-schema.js';
import * as z from '../core/zod.js';
import { budgetSchema } from './accounts/config.js';
import type { GuardrailConfig } from './guardrails/guardrail-kind.js';
import type { JudgeConfig } from './judges/judge-kind.js';
import type { ProviderConfig } from './providers/settings.js';

const weightsSchema = z
  .strictObject({
    cost: z
      .number()
      .nonnegative()
      .default(0)
      .describe('How much the money of a typical question counts against a provider.'),
    quality: z
      .number()
      .nonnegative()
      .default(0)
      .describe('How much the `quality` of a provider counts for it.'),
    latency: z
      .number()
      .nonnegative()
      .default(0)
      .describe('How much the latency of its latest answers counts against a provider.'),
  })
  .prefault({})
  .describe('Order of providers that can be asked; all 0 keeps the order they are listed in.');

const retrySchema = z
  .strictObject({
    initialDelayMs: z.number().positive().default(500).describe('Upper bound of the first, jittered wait.'),
    maxDelayMs: z.number().positive().default(60_000).describe('Upper bound that the doubling stops at.'),
  })
  .prefault({})
  .describe('Exponential backoff with full jitter after the far end fails.');

const deadlinesSchema = z
  .strictObject({
    connectMs: z.number().positive().default(8_000).describe('From look-up to the upgraded socket.'),
    replyMs: z.number().positive().default(20_000).describe('From sending to the whole answer.'),
    heartbeatMs: z.number().positive().default(4_000).describe('Between pings; two unanswered end it.'),
    idleMs: z.number().positive().default(30_000).describe('An unused connection is closed after this.'),
  })
  .prefault({});

const VOICE_PROMPT = [
  'You are the distant half of a small listening device. You are given what was said after its wake word, as a',
  'transcript or as audio. Answer in one or two short spoken sentences. Reply with JSON only: "label", a short',
  'name for what was wanted; "text", your answer; "action", null unless an allowed action is plainly asked for.',
].join(' ');

const SENSOR_PROMPT = [
  'You are the distant half of a small sensing device. You are given the summary of an anomaly: which channels',
  'left their normal range, how far and for how long. Say what it most likely is and what to check first. Reply',
  'with JSON only: "label", a short name for the fault; "text", one or two sentences; "action", null unless an',
  'allowed action is plainly called for.',
].join(' ');

/** JSON Schema of an answer, used where the configuration names none. */
const DEFAULT_ANSWER_SCHEMA = {
  type: 'object',
  required: ['label', 'text'],
  additionalProperties: false,
  properties: {
    label: { type: 'string', minLength: 1, maxLength: 64 },
    text: { type: 'string', minLength: 1, maxLength: 4000 },
    action: {
      anyOf: [
        { type: 'null' },
        {
          type: 'object',
          required: ['name', 'parameters'],
          additionalProperties: false,
          properties: {
            name: { type: 'string', minLength: 1, maxLength: 64 },
            parameters: { type: 'object', additionalProperties: { type: 'string', maxLength: 256 } },
          },
        },
      ],
    },
  },
} as const;

const outboxSchema = z
  .strictObject({
    maxBytes: z
      .int()
      .positive()
      .default(64 * 1024 * 1024)
      .describe('Most bytes that wait.'),
    maxCount: z.int().positive().default(10_000).describe('Most escalations that wait.'),
    maxAgeMs: z
      .number()
      .positive()
      .default(86_400_000)
      .describe('What waited longer is dropped and says so.'),
    maxDeadLetters: z.int().nonnegative().default(1_000).describe('Dead letters kept; the oldest go first.'),
  })
  .prefault({})
  .describe('Where escalations wait. Full: the lowest priority goes first, then the oldest.');

const egressRuleSchema = z.strictObject({
  name: z.string().min(1).describe('Name in audit rows.'),
  kinds: z
    .array(z.enum(['voice', 'sensor']))
    .min(1)
    .default(['voice', 'sensor'])
    .describe('Kinds of cascade whose escalations the rule is for.'),
  sources: z.array(z.string()).min(1).default(['*']).describe('Source ids; `*` is any run of characters.'),
  labels: z.array(z.string()).min(1).default(['*']).describe('Labels; `*` is any run of characters.'),
  allow: z
    .array(z.enum(['label', 'features', 'transcript', 'summary', 'audio']))
    .describe('What may leave. `features` are scores, confidences and contributions of the stages.'),
  edge: z
    .boolean()
    .default(false)
    .describe('All of it may reach the workers and devices of the house; false: what may leave, no more.'),
  atLimit: z
    .enum(['hold', 'drop', 'settle'])
    .default('hold')
    .describe('Over budget: wait in the outbox, be dropped, or let the local answer stand.'),
});

/** Audio leaves only where someone wrote that it may. */
const DEFAULT_RULES: z.input<typeof egressRuleSchema>[] = [
  { name: 'voice', kinds: ['voice'], allow: ['label', 'features', 'transcript'] },
  { name: 'sensor', kinds: ['sensor'], allow: ['label', 'features', 'summary'] },
];

const DEFAULT_PATTERNS = [
  { name: 'email', regex: String.raw`[\p{L}\d._%+-]+@[\p{L}\d.-]+\.\p{L}{2,}` },
  { name: 'iban', regex: String.raw`\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,7}(?: ?[A-Z\d]{1,3})?\b` },
  { name: 'number', regex: String.raw`(?<![\p{L}\d])\+?\d(?:[\s./()-]*\d){6,}` },
];

const egressSchema = z
  .strictObject({
    rules: z
      .array(egressRuleSchema)
      .prefault(DEFAULT_RULES)
      .describe('The first rule that matches decides; what none matches stays on the device.'),
    redact: z
      .strictObject({
        names: z.array(z.string()).default([]).describe('Names replaced by `[name]` in transcripts.'),
        patterns: z
          .array(
            z.strictObject({
              name: z.string().min(1).describe('What is put in place of a match, in brackets.'),
              regex: z
                .string()
                .min(1)
                .describe('Regular expression of JavaScript; every match in a transcript is replaced.'),
            }),
          )
          .default(DEFAULT_PATTERNS)
          .describe('Regular expressions whose matches are replaced by `[their name]`.'),
      })
      .prefault({})
      .describe('What is blotted out of transcripts before they leave the device.'),
  })
  .prefault({})
  .describe('What may leave the device.');

const routingSchema = z
  .strictObject({
    laterPriority: z.int().default(-1).describe('Escalations of this priority and below may wait.'),
    laterReasons: z
      .array(reasonSchema)
      .default([])
      .describe('Escalations that have no reasons but these may wait, too.'),
    laterMs: z
      .number()
      .positive()
      .default(600_000)
      .describe('How long they may wait; they go earlier with whatever else is asked.'),
    learnt: z
      .string()
      .nullable()
      .default(null)
      .describe(
        'File of `catnap tune --router`, relative to this one: what will need the dear provider begins there. With judges only.',
      ),
    beside: z
      .string()
      .nullable()
      .default(null)
      .describe(
        'Another such file, which has no say: where it would have begun is kept, `catnap shadow` compares, `catnap promote --router` exchanges them.',
      ),
  })
  .prefault({})
  .describe('What need not be asked at once is asked with the next connection; and who is asked first.');

const promptsSchema = z
  .strictObject({
    voice: z.string().default(VOICE_PROMPT).describe('Instructions for what was said.'),
    sensor: z.string().default(SENSOR_PROMPT).describe('Instructions for what a sensor found.'),
  })
  .prefault({})
  .describe('What the cloud is told to do.');

/** The `uplink` section: the far side of the policy, with providers, guardrails and actions of the kinds there are. */
export const uplinkSchemaOf = <
  Provider extends z.ZodType<ProviderConfig>,
  Guardrail extends z.ZodType<GuardrailConfig>,
  Judge extends z.ZodType<JudgeConfig>,
  Action extends z.ZodType<ActionConfig>,
>(
  providerSchema: Provider,
  guardrailSchema: Guardrail,
  judgeSchema: Judge,
  actionSchema: Action,
) =>
  z.strictObject({
    offline: z
      .boolean()
      .default(false)
      .describe('Opens no socket at all; escalations are refused and say so.'),
    providers: z
      .array(providerSchema)
      .default([])
      .describe('Clouds to ask, in order of preference. None: escalations are refused and say so.'),
    duplex: z
      .boolean()
      .default(false)
      .describe(
        'Audio streams while the user still speaks, once the wake word is verified and where a rule lets audio out.',
      ),
    weights: weightsSchema,
    deadlines: deadlinesSchema.describe('Time limits of the connection and of an answer.'),
    retry: retrySchema,
    outbox: outboxSchema,
    egress: egressSchema,
    budget: budgetSchema,
    routing: routingSchema,
    maxAuditRows: z.int().positive().default(100_000).describe('Audit rows kept; the oldest go first.'),
    prompts: promptsSchema,
    answerSchema: z
      .record(z.string(), z.unknown())
      .default(DEFAULT_ANSWER_SCHEMA)
      .describe('JSON Schema that an answer must satisfy before anything acts on it.'),
    guardrails: z
      .array(guardrailSchema)
      .default([])
      .describe(
        'What an answer of the right schema has to pass, in this order; answers are then shown whole and not as they stream.',
      ),
    judges: z
      .array(judgeSchema)
      .default([])
      .describe(
        'Look whether an answer will do; where one will not have it the next provider is asked. None: the first answer counts.',
      ),
    asksAhead: z
      .boolean()
      .default(false)
      .describe('With judges: the next provider is asked at the same time, which costs more and waits less.'),
    actions: z
      .record(z.string(), actionSchema)
      .default({})
      .describe('Actions an answer may ask for, by name; an answer that asks for another is not believed.'),
  });

export type UplinkConfig = z.infer<ReturnType<typeof uplinkSchemaOf>>;

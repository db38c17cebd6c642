import { z } from 'zod';

/** Where a secret is read from: never the configuration itself, so that it is not logged with it. */
export const secretSchema = z
  .union([
    z.strictObject({ env: z.string().min(1).describe('Name of the environment variable.') }),
    z.strictObject({
      file: z.string().min(1).describe('Path of a file; surrounding white space is ignored.'),
    }),
  ])
  .describe('Read at every connection, and again after a 401 or 403.');

const plainProviderSchema = z.strictObject({
  kind: z.literal('plain').describe("Catnap's own JSON protocol (docs/UPLINK.md)."),
  name: z.string().min(1).describe('Name in events, audit rows and health.'),
  url: z.url({ protocol: /^wss?$/ }).describe('WebSocket address.'),
  secret: secretSchema
    .nullable()
    .default(null)
    .describe('Bearer token sent with the upgrade; null for none.'),
});

const retrySchema = z
  .strictObject({
    initialDelayMs: z.number().positive().default(500).describe('Upper bound of the first, jittered wait.'),
    maxDelayMs: z.number().positive().default(60_000).describe('Upper bound that the doubling stops at.'),
  })
  .prefault({})
  .describe('Exponential back-off with full jitter after the far end fails.');

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
export const DEFAULT_ANSWER_SCHEMA = {
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

/** The `uplink` section: the far side of the policy. */
export const uplinkSchema = z.strictObject({
  offline: z.boolean().default(false).describe('Opens no socket at all; escalations are refused and say so.'),
  providers: z
    .array(plainProviderSchema)
    .default([])
    .describe('Clouds to ask, in order of preference. None: escalations are refused and say so.'),
  deadlines: deadlinesSchema.describe('Time limits of the connection and of an answer.'),
  retry: retrySchema,
  prompts: z
    .strictObject({
      voice: z.string().default(VOICE_PROMPT).describe('Instructions for what was said.'),
      sensor: z.string().default(SENSOR_PROMPT).describe('Instructions for what a sensor found.'),
    })
    .prefault({})
    .describe('What the cloud is told to do.'),
  answerSchema: z
    .record(z.string(), z.unknown())
    .default(DEFAULT_ANSWER_SCHEMA)
    .describe('JSON Schema that an answer must satisfy before anything acts on it.'),
});

export type UplinkConfig = z.infer<typeof uplinkSchema>;
export type ProviderConfig = UplinkConfig['providers'][number];
export type SecretConfig = z.infer<typeof secretSchema>;

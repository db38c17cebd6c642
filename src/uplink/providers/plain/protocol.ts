import { reasonSchema, trailEntrySchema } from '../../../core/events/trail-schema.js';
import * as z from '../../../core/zod.js';

/** The plain JSON WebSocket protocol (docs/UPLINK.md): one JSON object a text frame. */
export const PLAIN_SUBPROTOCOL = 'catnap.v1';

const clipSchema = z.strictObject({
  rateHz: z.int().positive(),
  startSample: z.int(),
  encoding: z.literal('pcm_s16le'),
  /** Base64 of mono samples; null where they went ahead as `audio`. */
  data: z.string().nullable(),
});

/** An escalation as it leaves: parts the egress rules hold back are null. */
const plainEventSchema = z.strictObject({
  type: z.literal('event'),
  v: z.literal(1),
  /** Idempotency key: the same key is the same event, however often it comes. */
  key: z.string().min(1),
  kind: z.enum(['voice', 'sensor']),
  detection: z.string(),
  source: z.string(),
  sample: z.int(),
  wallTime: z.string(),
  priority: z.number(),
  label: z.string().nullable(),
  reasons: z.array(reasonSchema).nullable(),
  trail: z.array(trailEntrySchema).nullable(),
  transcript: z.string().nullable(),
  summary: z.unknown(),
  clip: clipSchema.nullable(),
});

/** What Catnap sends. */
export const plainClientMessageSchema = z.discriminatedUnion('type', [
  /** First on every connection: the instructions and the shape the answers must have. */
  z.strictObject({
    type: z.literal('hello'),
    v: z.literal(1),
    client: z.string(),
    prompts: z.strictObject({ voice: z.string(), sensor: z.string() }),
    answerSchema: z.unknown(),
  }),
  plainEventSchema,
  /** Speech under the key of the event that may come: its samples follow as `audio`. */
  z.strictObject({
    type: z.literal('speech'),
    v: z.literal(1),
    key: z.string().min(1),
    source: z.string(),
    rateHz: z.int().positive(),
    startSample: z.int(),
    encoding: z.literal('pcm_s16le'),
  }),
  /** The next samples of it, base64. */
  z.strictObject({ type: z.literal('audio'), key: z.string(), data: z.string() }),
  /** No event will come of it. */
  z.strictObject({ type: z.literal('abandon'), key: z.string() }),
  /** The answer to `key` broke the schema: say it again, rightly. */
  z.strictObject({ type: z.literal('repair'), key: z.string(), problem: z.string() }),
]);

const usageSchema = z.object({
  inputTokens: z.int().nonnegative().default(0),
  /** Of the input tokens, those that are audio. */
  audioTokens: z.int().nonnegative().default(0),
  outputTokens: z.int().nonnegative().default(0),
});

/** What the far end sends. Unknown keys are tolerated: a newer far end may say more. */
export const plainServerMessageSchema = z.discriminatedUnion('type', [
  /** The event is safe with the far end. */
  z.object({ type: z.literal('accepted'), key: z.string() }),
  /** A piece of the answer's text, as it comes. */
  z.object({ type: z.literal('part'), key: z.string(), text: z.string() }),
  /** The whole answer; it ends the exchange. */
  z.object({
    type: z.literal('verdict'),
    key: z.string(),
    answer: z.unknown(),
    usage: usageSchema.prefault({}),
  }),
  /** HTTP's status codes and their meanings; `key` null when it is about the connection. */
  z.object({
    type: z.literal('error'),
    key: z.string().nullable(),
    status: z.int(),
    message: z.string().default(''),
    retryAfterMs: z.number().nonnegative().nullable().default(null),
  }),
]);

export type PlainEvent = z.infer<typeof plainEventSchema>;
export type PlainClientMessage = z.infer<typeof plainClientMessageSchema>;
export type PlainServerMessage = z.infer<typeof plainServerMessageSchema>;

import type { Decision, Recognition } from '../core/cascade/stage.js';
import { ERROR_CODES } from '../core/errors.js';
import { parseJson } from '../core/json.js';
import * as z from '../core/zod.js';

/** What a worker answers, and the processor time that it took there. */
export interface Reply {
  readonly answer: Decision | Recognition;
  readonly cpuMs: number;
  /** What it lacks to answer this at all, as another may not: a file, a module. It abstains then. */
  readonly lacks?: string;
}

/** JSON has no NaN: what is no number is one again here, and the guard of every stage refuses it. */
const figure = z.number().catch(Number.NaN);
const figuresByLabel = z
  .array(z.tuple([z.string(), figure]))
  .transform((pairs): ReadonlyMap<string, number> => new Map(pairs));
const stage = z.string();
const degraded = z.exactOptional(z.boolean());
const judged = z.exactOptional(z.object({ kind: z.string(), own: figure, because: z.string() }));

const answerSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.enum(['accept', 'reject', 'uncertain']),
    stage,
    label: z.string(),
    score: figure,
    confidence: figure,
    thresholds: z.exactOptional(z.object({ accept: figure, reject: figure })),
    range: z.exactOptional(z.object({ least: figure, most: figure })),
    contributions: z.array(
      z.object({ channel: z.string(), share: figure, feature: z.exactOptional(z.string()) }),
    ),
    besides: z.exactOptional(figuresByLabel),
    confidences: z.exactOptional(figuresByLabel),
    judged,
    startSample: z.exactOptional(z.int()),
    endSample: z.exactOptional(z.int()),
    resumes: z.exactOptional(z.boolean()),
    degraded,
  }),
  z.object({ kind: z.literal('abstain'), stage, code: z.enum(ERROR_CODES).catch('STAGE_CRASHED') }),
  z.object({ kind: z.literal('transcript'), stage, text: z.string(), confidence: figure, judged, degraded }),
  z.object({ kind: z.literal('empty'), stage, degraded }),
]);

const replySchema = z.object({
  answer: answerSchema,
  cpuMs: z.number().catch(0),
  lacks: z.exactOptional(z.string()),
});

/** A reply as JSON; a map of figures by label as pairs. */
export function encodeReply(reply: Reply): string {
  return JSON.stringify(reply, (_key, value: unknown) => (value instanceof Map ? [...value] : value));
}

/** The reply that JSON holds; null where it holds none. */
export function decodeReply(text: string): Reply | null {
  const reply = replySchema.safeParse(parseJson(text));
  return reply.success ? reply.data : null;
}

import type { Zod } from '../../../core/kind.js';
import type * as z from '../../../core/zod.js';
import type { TranscriptJudgeKind } from './transcript-judge.js';

const schema = (z: Zod) =>
  z.strictObject({ kind: z.literal('confidence') }).describe('The confidence of the recogniser itself.');

/** No judge: the recogniser's own confidence counts, and one with this setting is built without a judge. */
export const confidence = {
  kind: 'confidence',
  schema,
  create: () => ({
    judge: (transcript) => ({ confidence: transcript.confidence, because: 'says so itself' }),
  }),
} as const satisfies TranscriptJudgeKind<z.infer<ReturnType<typeof schema>>>;

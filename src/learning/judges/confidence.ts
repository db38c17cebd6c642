import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import type { StageJudgeKind } from './stage-judge.js';

const schema = (z: Zod) =>
  z
    .strictObject({ kind: z.literal('confidence') })
    .describe('The calibrated confidence of the stage itself.');

/** No judge: the stage's own confidence counts, and a stage with this setting is built without one. */
export const confidence = {
  kind: 'confidence',
  signals: ['voice', 'sensor'],
  schema,
  create: () => ({ judge: (decision) => ({ confidence: decision.confidence, because: 'says so itself' }) }),
} as const satisfies StageJudgeKind<z.infer<ReturnType<typeof schema>>>;

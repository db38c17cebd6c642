import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import type { StageJudgeKind } from './stage-judge.js';

const schema = (z: Zod) =>
  z
    .strictObject({ kind: z.literal('confidence') })
    .describe('The calibrated confidence of the stage itself.');

/** The stage judges itself, which is as good as nobody: it is not asked where it is configured. */
export const confidence = {
  kind: 'confidence',
  signals: ['voice', 'sensor'],
  schema,
  plan: (config) => config,
  create: () => ({ judge: (decision) => ({ confidence: decision.confidence, because: 'says so itself' }) }),
} as const satisfies StageJudgeKind<z.infer<ReturnType<typeof schema>>>;

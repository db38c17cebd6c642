import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { runnerUpOf } from './runner-up.js';
import type { StageJudgeKind } from './stage-judge.js';

const schema = (z: Zod) =>
  z
    .strictObject({ kind: z.literal('margin') })
    .describe(
      'How far ahead the label is of the next; the same as `confidence` of a stage that knows one label.',
    );

/** Judges by the margin between the two surest labels (Scheffer et al., IDA 2001). */
export const margin = {
  kind: 'margin',
  signals: ['voice'],
  schema,
  create: () => ({
    judge(decision) {
      const next = runnerUpOf(decision);
      if (next === null) return { confidence: decision.confidence, because: 'no other label' };
      const because = `${next.label} is next at ${next.confidence.toFixed(2)}`;
      return { confidence: Math.max(0, decision.confidence - next.confidence), because };
    },
  }),
} as const satisfies StageJudgeKind<z.infer<ReturnType<typeof schema>>>;

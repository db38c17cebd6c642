import { logit } from '../../core/cascade/calibration.js';
import type { Judgement } from '../../core/cascade/stage.js';
import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import type { StageJudgeKind } from './stage-judge.js';

const schema = (z: Zod) =>
  z
    .strictObject({ kind: z.literal('entropy') })
    .describe('How much the confidences of all labels, and of none of them, leave open (Shannon 1948).');

/** Judges by what all labels together leave open. */
export const entropy = {
  kind: 'entropy',
  signals: ['voice'],
  schema,
  create: () => ({
    judge(decision) {
      const { left, isLabel } = openness(decision);
      const confidence = isLabel ? 1 - left / 2 : left / 2;
      return { confidence, because: `${Math.round(left * 100)}% is left open` };
    },
  }),
} as const satisfies StageJudgeKind<z.infer<ReturnType<typeof schema>>>;

/**
 * The entropy of which label it is, or none of them, as a share of the most there could be; and whether the label that
 * was decided on is likelier than none. Labels are judged apart, so that their odds stand beside those of none.
 */
export function openness({ label, confidence, confidences }: Judgement): {
  readonly left: number;
  readonly isLabel: boolean;
} {
  const all = confidences ?? new Map([[label, confidence]]);
  const odds = [1, ...[...all.values()].map((each) => Math.exp(logit(each)))];
  const sum = odds.reduce((total, each) => total + each, 0);
  const bits = odds.reduce((total, each) => total - (each / sum) * Math.log(each / sum), 0);
  return { left: bits / Math.log(odds.length), isLabel: confidence > 0.5 };
}

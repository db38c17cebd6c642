import { type LearntConfig, type LearntSpec, learntOf, opinionOf } from './learnt-judge.js';
import { LOOK_NAMES, lookFeatures } from './look-features.js';
import type { StageJudgeKind } from './stage-judge.js';

/** Judges by a logistic regression over what is known of the look. */
export const learnt = {
  ...learntOf(LOOK_NAMES),
  signals: ['voice'],
  create: ({ learnt: judge }) => ({
    judge: (decision, window) => opinionOf(judge, lookFeatures(decision, window)),
  }),
} as const satisfies StageJudgeKind<LearntConfig, LearntSpec>;

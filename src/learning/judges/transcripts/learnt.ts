import { type LearntConfig, type LearntSpec, learntOf, opinionOf } from '../learnt-judge.js';
import { TRANSCRIPT_NAMES, transcriptFeatures } from './transcript-features.js';
import type { TranscriptJudgeKind } from './transcript-judge.js';

/** Judges by a logistic regression over how the text was chosen, and its length. */
export const learnt = {
  ...learntOf(TRANSCRIPT_NAMES),
  create: ({ learnt: judge }) => ({
    judge: (transcript, window) => opinionOf(judge, transcriptFeatures(transcript, window)),
  }),
} as const satisfies TranscriptJudgeKind<LearntConfig, LearntSpec>;

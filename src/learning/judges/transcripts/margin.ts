import type { Zod } from '../../../core/kind.js';
import type * as z from '../../../core/zod.js';
import type { TranscriptJudgeKind } from './transcript-judge.js';

const schema = (z: Zod) =>
  z
    .strictObject({ kind: z.literal('margin') })
    .describe(
      'How far ahead of the next each piece of the text was, where it was least; the same as `confidence` of a recogniser that tells of no pieces.',
    );

/** Judges by the least margin between what was written and the next (Scheffer et al., IDA 2001). */
export const margin = {
  kind: 'margin',
  schema,
  create: () => ({
    judge({ confidence, pieces = [] }) {
      if (pieces.length === 0) return { confidence, because: 'tells of no pieces' };
      const least = Math.min(...pieces.map(({ probability, next }) => probability - next));
      const close = pieces.filter(({ probability, next }) => next >= probability / 2).length;
      const because = `${close} of ${pieces.length} pieces had a close rival`;
      return { confidence: Math.max(0, least), because };
    },
  }),
} as const satisfies TranscriptJudgeKind<z.infer<ReturnType<typeof schema>>>;

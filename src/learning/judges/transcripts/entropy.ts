import type { Zod } from '../../../core/kind.js';
import { mean } from '../../../core/moments.js';
import type * as z from '../../../core/zod.js';
import type { TranscriptJudgeKind } from './transcript-judge.js';

const schema = (z: Zod) =>
  z
    .strictObject({ kind: z.literal('entropy') })
    .describe(
      'How little the choice of each piece of the text left open on average; the same as `confidence` of a recogniser that tells of no pieces.',
    );

/** Judges by the mean entropy of the choices (Malinin and Gales, ICLR 2021), as the probability of a sure choice. */
export const entropy = {
  kind: 'entropy',
  schema,
  create: () => ({
    judge({ confidence, pieces = [] }) {
      if (pieces.length === 0) return { confidence, because: 'tells of no pieces' };
      const nats = mean(pieces.map(({ open }) => open));
      return {
        confidence: Math.exp(-nats),
        because: `as if of ${Math.exp(nats).toFixed(1)} alike each time`,
      };
    },
  }),
} as const satisfies TranscriptJudgeKind<z.infer<ReturnType<typeof schema>>>;

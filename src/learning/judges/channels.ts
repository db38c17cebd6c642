import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import type { StageJudgeKind } from './stage-judge.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('channels'),
      among: z
        .array(z.string())
        .min(1)
        .nullable()
        .default(null)
        .describe('Channels one of which has to be what strayed most; null: any.'),
      minShare: z
        .number()
        .min(0)
        .max(1)
        .default(0.2)
        .describe('Least share of it in all that strayed: less is a change of everything and of nothing.'),
    })
    .describe(
      'Whether a fault stands out in a channel: then the own confidence counts, else none. What heavy does not explain it leaves alone.',
    );

/** Judges a fault by the channel that strayed most. */
export const channels = {
  kind: 'channels',
  signals: ['sensor'],
  schema,
  create: ({ among, minShare }) => ({
    judge({ confidence, contributions: [first, ...others] }) {
      if (first === undefined) return { confidence, because: 'no channel is named' };
      const most = others.reduce((best, each) => (each.share > best.share ? each : best), first);
      const because = `${most.channel} strayed most, ${Math.round(most.share * 100)}% of it`;
      const keeps = most.share >= minShare && (among?.includes(most.channel) ?? true);
      return { confidence: keeps ? confidence : 0, because };
    },
  }),
} as const satisfies StageJudgeKind<z.infer<ReturnType<typeof schema>>>;

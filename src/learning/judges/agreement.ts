import type { Decision, Judgement } from '../../core/cascade/stage.js';
import type { Zod } from '../../core/kind.js';
import { mean } from '../../core/moments.js';
import type * as z from '../../core/zod.js';
import type { StageJudgeKind } from './stage-judge.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('agreement'),
      shiftsMs: z
        .array(z.number().min(1).max(2000))
        .max(8)
        .default([80, 160])
        .describe(
          'The stage looks again at the window without so much of its end; each look costs like the first.',
        ),
      with: z
        .string()
        .nullable()
        .default(null)
        .describe('Another model that looks at the window as well, named as `heavy.model` is; null: none.'),
    })
    .refine(({ shiftsMs, with: other }) => shiftsMs.length > 0 || other !== null, {
      message: 'expected shiftsMs or with: one look agrees with nobody',
    })
    .describe(
      'The mean confidence of several looks in the label: of the stage a little earlier, of another model.',
    );

/** Judges by repeated looks: a mean over views of one signal (deep ensembles, Lakshminarayanan et al. 2017). */
export const agreement = {
  kind: 'agreement',
  signals: ['voice'],
  schema,
  create: ({ shiftsMs }) => ({
    async judge(decision, _window, looks) {
      const views: Decision[] = [decision];
      for (const ms of shiftsMs) views.push(await looks.earlier(ms));
      const other = await looks.other();
      if (other !== null) views.push(other);
      const sure = views.flatMap((view) =>
        view.kind === 'abstain' ? [] : [confidenceIn(decision.label, view)],
      );
      const same = sure.filter((confidence) => confidence >= decision.confidence / 2).length;
      const confidence = mean(sure);
      return { confidence, because: `${same} of ${sure.length} looks say the same` };
    },
  }),
} as const satisfies StageJudgeKind<z.infer<ReturnType<typeof schema>>>;

function confidenceIn(label: string, view: Judgement): number {
  return view.label === label ? view.confidence : (view.confidences?.get(label) ?? 0);
}

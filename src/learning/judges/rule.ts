import type { Judgement, Window } from '../../core/cascade/stage.js';
import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { runnerUpOf } from './runner-up.js';
import type { StageJudgeKind } from './stage-judge.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('rule'),
      labels: z
        .array(z.string())
        .nullable()
        .default(null)
        .describe('Labels that may be believed; null: any.'),
      asNoticed: z.boolean().default(true).describe('It has to be a word that tiny noticed as well.'),
      minNoticed: z.number().min(0).max(1).default(0).describe("Least of tiny's score for the word."),
      maxRunnerUp: z
        .number()
        .min(0)
        .max(1)
        .default(1)
        .describe('Most confidence of the label that is next, of a stage that tells of several.'),
    })
    .describe('Rules of yours that the decision has to keep: then its own confidence counts, else none.');

type Rules = z.infer<ReturnType<typeof schema>>;

/** Judges by rules: what breaks one is not believed. */
export const rule = {
  kind: 'rule',
  signals: ['voice'],
  schema,
  create: (rules) => ({
    judge(decision, window) {
      const [broken] = brokenBy(decision, window, rules);
      return broken === undefined
        ? { confidence: decision.confidence, because: 'keeps to the rules' }
        : { confidence: 0, because: broken };
    },
  }),
} as const satisfies StageJudgeKind<Rules>;

function brokenBy(decision: Judgement, { noticed }: Window, rules: Rules): readonly string[] {
  const { label } = decision;
  const { labels, asNoticed, minNoticed, maxRunnerUp } = rules;
  const scored = noticed?.get(label) ?? null;
  return [
    labels !== null && !labels.includes(label) && 'another label than the allowed',
    asNoticed && noticed !== undefined && scored === null && 'tiny noticed another word',
    // A stage may score below 0: what is asked nothing of breaks nothing.
    minNoticed > 0 && scored !== null && scored < minNoticed && `tiny scored less than ${minNoticed}`,
    (runnerUpOf(decision)?.confidence ?? 0) > maxRunnerUp && `the next is above ${maxRunnerUp}`,
  ].filter((broken): broken is string => typeof broken === 'string');
}

import { distance } from 'fastest-levenshtein';
import type { Recognition } from '../../../core/cascade/stage.js';
import type { Zod } from '../../../core/kind.js';
import { mean } from '../../../core/moments.js';
import type * as z from '../../../core/zod.js';
import type { TranscriptJudgeKind } from './transcript-judge.js';

/**
 * Moonshine hears steps of 24 ms, in what is left of an utterance whose quiet edges are cut off in blocks of 20 ms:
 * only what is a multiple of neither shows it anything else.
 */
const THIRDS_MS = [8, 16];

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('agreement'),
      shiftsMs: z
        .array(z.number().min(1).max(200))
        .max(4)
        .default(THIRDS_MS)
        .describe(
          'The recogniser hears the utterance again without so much of its begin; each time costs like the first.',
        ),
      with: z
        .string()
        .nullable()
        .default(null)
        .describe('Another recogniser that hears it as well, named as `recogniser.models` are; null: none.'),
    })
    .refine(({ shiftsMs, with: other }) => shiftsMs.length > 0 || other !== null, {
      message: 'expected shiftsMs or with: one who listens once agrees with nobody',
    })
    .describe(
      'How alike what several looks write is, and how sure each is: a little later, of another model.',
    );

/** Judges by repeated looks (deep ensembles, Lakshminarayanan et al. 2017). */
export const agreement = {
  kind: 'agreement',
  schema,
  create: ({ shiftsMs }) => ({
    async judge(transcript, _window, again) {
      const heard: Recognition[] = [];
      for (const ms of shiftsMs) heard.push(await again.later(ms));
      const other = await again.other();
      if (other !== null) heard.push(other);
      const sure = heard.flatMap((each) =>
        each.kind === 'abstain' ? [] : [surenessOf(each, transcript.text)],
      );
      const all = [transcript.confidence, ...sure.map(({ confidence }) => confidence)];
      const same = sure.filter(({ likeness }) => likeness === 1).length;
      return {
        confidence: mean(all),
        because: `${same + 1} of ${all.length} looks say the same`,
      };
    },
  }),
} as const satisfies TranscriptJudgeKind<z.infer<ReturnType<typeof schema>>>;

/** How like a text another look is, 0 to 1, and how sure it is of the text, for as much as it is like it. */
function surenessOf(look: Exclude<Recognition, { readonly kind: 'abstain' }>, text: string) {
  if (look.kind === 'empty') return { likeness: 0, confidence: 0 };
  const [one, another] = [plain(text), plain(look.text)];
  const likeness = 1 - distance(one, another) / Math.max(1, one.length, another.length);
  return { likeness, confidence: likeness * look.confidence };
}

/** Letters and digits alone: how a recogniser punctuates says nothing. */
function plain(text: string): string {
  return text.toLowerCase().replaceAll(/[^\p{L}\p{N}]+/gu, '');
}

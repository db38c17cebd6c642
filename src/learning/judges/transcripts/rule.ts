import type { Window } from '../../../core/cascade/stage.js';
import type { Zod } from '../../../core/kind.js';
import { regexSetting } from '../../../core/regex.js';
import { countWords } from '../../../core/words.js';
import type * as z from '../../../core/zod.js';
import type { Transcript, TranscriptJudgeKind } from './transcript-judge.js';

const FLAGS = 'iu';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('rule'),
      expect: regex(z).describe('What the text has to match; null: nothing.'),
      refuse: regex(z).describe('What the text must not match; null: nothing.'),
      maxWords: z.int().min(1).default(40).describe('Most words of an order.'),
      maxWordsPerSecond: z
        .number()
        .positive()
        .default(6)
        .describe('Most words a second, pauses included: more than anybody says were made up.'),
      minPiece: z
        .number()
        .min(0)
        .max(1)
        .default(0)
        .describe('Least probability of any piece of the text, of a recogniser that tells of pieces.'),
    })
    .describe('Rules of yours that the text has to keep: then its own confidence counts, else none.');

const regex = (z: Zod) => regexSetting(z, FLAGS).nullable().default(null);

type Rules = z.infer<ReturnType<typeof schema>>;

/** Judges by rules: what breaks one is not believed. */
export const rule = {
  kind: 'rule',
  schema,
  create: (rules) => ({
    judge(transcript, window) {
      const [broken] = brokenBy(transcript, window, rules);
      return broken === undefined
        ? { confidence: transcript.confidence, because: 'keeps to the rules' }
        : { confidence: 0, because: broken };
    },
  }),
} as const satisfies TranscriptJudgeKind<Rules>;

function brokenBy({ text, pieces = [] }: Transcript, window: Window, rules: Rules): readonly string[] {
  const { expect, refuse, maxWords, maxWordsPerSecond, minPiece } = rules;
  const words = countWords(text);
  const seconds = window.data.length / window.channels / window.rateHz;
  return [
    expect !== null && !new RegExp(expect, FLAGS).test(text) && 'lacks what is expected',
    refuse !== null && new RegExp(refuse, FLAGS).test(text) && 'holds what is refused',
    words > maxWords && `more than ${maxWords} words`,
    words > maxWordsPerSecond * seconds && `more than ${maxWordsPerSecond} words a second`,
    pieces.some(({ probability }) => probability < minPiece) && `a piece is less likely than ${minPiece}`,
  ].filter((broken): broken is string => typeof broken === 'string');
}

import { readJsonSchema } from '../../core/json-schema.js';
import type { Zod } from '../../core/kind.js';
import { regexSetting } from '../../core/regex.js';
import type * as zod from '../../core/zod.js';
import { acceptSetting, type JudgeKind } from './judge-kind.js';

const FLAGS = 'iu';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('rule'),
      accept: acceptSetting(z, 0.5),
      labels: z.array(z.string()).nullable().default(null).describe('Labels that will do; null: any.'),
      expect: regex(z).describe('What the text has to match; null: nothing.'),
      refuse: regex(z).describe('What the text must not match; null: nothing.'),
      minChars: z.int().nonnegative().default(1).describe('Fewest characters of the text.'),
      schema: z
        .record(z.string(), z.unknown())
        .nullable()
        .default(null)
        .describe('JSON Schema that label, text and action have to satisfy beyond `uplink.answerSchema`.'),
    })
    .describe('Whether the answer keeps to rules of yours.');

const regex = (z: Zod) => regexSetting(z, FLAGS).nullable().default(null);

/** Judges by rules: what breaks one will not do. */
export const rule = {
  kind: 'rule',
  schema,
  create({ labels, expect, refuse, minChars, schema: wanted }) {
    const [expected, refused] = [expect, refuse].map((text) =>
      text === null ? null : new RegExp(text, FLAGS),
    );
    const shape = wanted === null ? null : readJsonSchema(wanted, 'uplink.judges: schema');
    return {
      judge(answer) {
        const { label, text } = answer;
        const broken = [
          labels !== null && !labels.includes(label) && 'another label than the allowed',
          [...text.trim()].length < minChars && `fewer than ${minChars} characters`,
          expected && !expected.test(text) && 'lacks what is expected',
          refused?.test(text) && 'holds what is refused',
          shape !== null && !shape.safeParse(answer).success && 'not of the schema',
        ].filter((problem): problem is string => typeof problem === 'string');
        return broken[0] === undefined
          ? { confidence: 1, because: 'keeps to the rules' }
          : { confidence: 0, because: broken.join(', ') };
      },
    };
  },
} as const satisfies JudgeKind<zod.infer<ReturnType<typeof schema>>>;

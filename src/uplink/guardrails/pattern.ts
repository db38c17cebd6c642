import type { Zod } from '../../core/kind.js';
import { regexSetting } from '../../core/regex.js';
import type * as z from '../../core/zod.js';
import { type GuardrailKind, nameSetting } from './guardrail-kind.js';

const FLAGS = 'giu';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('pattern'),
      name: nameSetting(z),
      regex: regexSetting(z, FLAGS)
        .min(1)
        .describe(
          'What must not stand in an answer: in its text, its label, or what its action is done with.',
        ),
      onFail: z
        .enum(['block', 'redact', 'ask-again'])
        .default('block')
        .describe(
          '`redact` puts `[name]` in its place; what an action would be done with is never changed, but blocked.',
        ),
    })
    .describe('Refuses what matches a regular expression.');

/** Words, addresses or numbers that no answer may hold. */
export const pattern = {
  kind: 'pattern',
  schema,
  create({ name, regex }) {
    const matcher = new RegExp(regex, FLAGS);
    const has = (text: string) => text.search(matcher) >= 0;
    const without = (text: string) => text.replace(matcher, `[${name}]`);
    const problem = `expected an answer without any match of /${regex}/`;
    return {
      async judge(answer) {
        const { label, text, action } = answer;
        const done = action === null ? [] : [action.name, ...Object.values(action.parameters)];
        if (![label, text, ...done].some(has)) return { kind: 'pass' };
        const isDone = done.some(has);
        const redacted = isDone ? null : { label: without(label), text: without(text), action };
        return { kind: 'fail', problem, redacted };
      },
    };
  },
} as const satisfies GuardrailKind<z.infer<ReturnType<typeof schema>>>;

import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { type GuardrailKind, nameSetting } from './guardrail-kind.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('length'),
      name: nameSetting(z),
      maxChars: z.int().positive().describe('Most characters of the text.'),
      onFail: z
        .enum(['block', 'redact', 'ask-again'])
        .default('redact')
        .describe('`redact` ends the text after the last whole word that fits.'),
    })
    .describe('Bounds the text, where one is to be read or spoken.');

const ELLIPSIS = '…';

/** Texts that nobody would listen to. */
export const length = {
  kind: 'length',
  schema,
  create({ maxChars }) {
    return {
      async judge(answer) {
        // Code points: half of a character is none.
        const chars = [...answer.text];
        if (chars.length <= maxChars) return { kind: 'pass' };
        const problem = `expected a text of at most ${maxChars} characters, found ${chars.length}`;
        return { kind: 'fail', problem, redacted: { ...answer, text: shortened(chars, maxChars) } };
      },
    };
  },
} as const satisfies GuardrailKind<z.infer<ReturnType<typeof schema>>>;

function shortened(chars: readonly string[], maxChars: number): string {
  const kept = chars.slice(0, maxChars - 1).join('');
  const words = kept.replace(/\s+\S*$/u, '');
  return `${/^\s/u.test(chars[maxChars - 1] ?? '') ? kept.trimEnd() : words}${ELLIPSIS}`;
}

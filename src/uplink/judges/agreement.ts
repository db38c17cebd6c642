import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import type { Opinion } from '../../learning/judges/opinion.js';
import type { Answer } from '../providers/answer.js';
import { unknownProvider } from '../providers/unknown-provider.js';
import { acceptSetting, type JudgeKind } from './judge-kind.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('agreement'),
      accept: acceptSetting(z, 0.5),
      with: z
        .string()
        .nullable()
        .default(null)
        .describe('Provider that is asked as well, another cheap one; null: the same once more.'),
    })
    .describe('Whether a second cheap answer says the same. It is paid for like the first.');

/** Judges by a second answer: what two say alike is more often right (Wang et al., 2022, arXiv:2203.11171). */
export const agreement = {
  kind: 'agreement',
  schema,
  faults: ({ with: other }, { providers }) =>
    other === null ? [] : unknownProvider(other, providers, ['with']),
  create: ({ with: other }) => ({
    async judge(answer, _upload, edges) {
      const second = await edges.another(other);
      if (second === null) return { confidence: 0, because: 'no second answer' };
      return agreementOf(answer, second);
    },
  }),
} as const satisfies JudgeKind<z.infer<ReturnType<typeof schema>>>;

/** Of words in common, the part that stands against the label. */
const WORDS_PART = 0.5;
/** Words that say nothing of what is meant. */
const FILLERS = new Set(
  'a an and are as at be by for from i in is it of on or so that the this to was will with you your'.split(
    ' ',
  ),
);

/** How far two answers say the same: actions and numbers have to, labels and words may. */
function agreementOf(first: Answer, second: Answer): Opinion {
  if (actionOf(first) !== actionOf(second)) return { confidence: 0, because: 'another action' };
  if (first.action !== null) return { confidence: 1, because: 'the same action' };
  if (numbersOf(first.text) !== numbersOf(second.text)) return { confidence: 0.1, because: 'other numbers' };
  const label = Number(normal(first.label) === normal(second.label));
  const words = overlap(wordsOf(first.text), wordsOf(second.text));
  const confidence = (1 - WORDS_PART) * label + WORDS_PART * words;
  const shared = `${Math.round(words * 100)}% of the words`;
  return { confidence, because: `${label === 1 ? 'the same label' : 'another label'}, ${shared}` };
}

function actionOf({ action }: Answer): string {
  if (action === null) return '';
  const parameters = Object.entries(action.parameters).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([action.name, parameters]);
}

function numbersOf(text: string): string {
  return [...new Set(text.match(/\d+(?:[.,]\d+)?/g) ?? [])].sort().join(' ');
}

function normal(label: string): string {
  return label
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ')
    .trim();
}

function wordsOf(text: string): ReadonlySet<string> {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return new Set(words.filter((word) => !FILLERS.has(word)));
}

/** Dice's coefficient (1945). */
function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size + b.size === 0) return 1;
  const shared = [...a].filter((word) => b.has(word)).length;
  return (2 * shared) / (a.size + b.size);
}

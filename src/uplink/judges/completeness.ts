import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import type { Opinion } from '../../learning/judges/opinion.js';
import type { Answer } from '../providers/answer.js';
import { acceptSetting, type JudgeKind } from './judge-kind.js';

const schema = (z: Zod) =>
  z
    .strictObject({ kind: z.literal('completeness'), accept: acceptSetting(z, 0.5) })
    .describe('Whether the answer says something, to its end, and does not say that it cannot.');

/** Labels by which a model says that it has nothing. */
const NOTHING = /^(none|nothing|unknown|unclear|unsure|n\/?a|error|null|other|undefined)$/i;
/** How a model says that it cannot, in the languages of the shipped sentences. */
const CANNOT = [
  /\b(?:i|we) (?:do not|don'?t|cannot|can ?not|can'?t|am not able to|am unable to|could not|couldn'?t) (?:know|have|tell|say|access|find|help|answer|determine|provide|see|be sure)/i,
  /\b(?:not sure|no idea|no information|unable to|as an ai|beyond my|need more (?:information|context))\b/i,
  /\b(?:weiß (?:ich )?nicht|keine ahnung|kann ich (?:leider )?nicht|je ne sais pas|no lo sé|non lo so)\b/i,
];
const ENDS = /[.!?…。！？)"'’”\d%°€$]\s*$/u;
/** Shorter than this is a phrase, which needs no full stop. */
const PHRASE_CHARS = 40;
/** An answer of which so much is the question has said nothing of its own. */
const ECHO = 0.9;

/** Judges by what can be seen of an answer alone. */
export const completeness = {
  kind: 'completeness',
  schema,
  create: () => ({
    judge: (answer, { transcript }) => opinionOf(answer, transcript ?? ''),
  }),
} as const satisfies JudgeKind<z.infer<ReturnType<typeof schema>>>;

function opinionOf({ label, text, action }: Answer, question: string): Opinion {
  const said = text.trim();
  if (action !== null) return { confidence: 1, because: 'asks for an action' };
  if (said === '') return { confidence: 0, because: 'says nothing' };
  if (CANNOT.some((pattern) => pattern.test(said))) return { confidence: 0, because: 'says that it cannot' };
  if (NOTHING.test(label.trim())) return { confidence: 0.1, because: 'has no label' };
  if (isEcho(said, question)) return { confidence: 0.1, because: 'repeats the question' };
  if (said.length > PHRASE_CHARS && !ENDS.test(said)) return { confidence: 0.2, because: 'breaks off' };
  if (/\?\s*$/.test(said)) return { confidence: 0.4, because: 'asks back' };
  return { confidence: 0.9, because: 'is whole' };
}

function isEcho(said: string, question: string): boolean {
  const asked = new Set(wordsOf(question));
  const words = wordsOf(said);
  return words.length > 2 && words.filter((word) => asked.has(word)).length >= ECHO * words.length;
}

function wordsOf(text: string): readonly string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

import { parseJson } from '../../core/json.js';
import { readJsonSchema } from '../../core/json-schema.js';
import * as z from '../../core/zod.js';

/** A cloud's answer that passed its schema; what else the schema allows is left out. */
export interface Answer {
  readonly label: string;
  readonly text: string;
  readonly action: { readonly name: string; readonly parameters: Readonly<Record<string, string>> } | null;
}

export type Checked =
  | { readonly ok: true; readonly answer: Answer }
  | { readonly ok: false; readonly problem: string };

/** What Catnap itself reads of any answer, whatever else the configured schema asks for. */
const essentialsSchema = z.object({
  label: z.string(),
  text: z.string(),
  action: z
    .object({ name: z.string(), parameters: z.record(z.string(), z.string()) })
    .nullish()
    .transform((action) => action ?? null),
});

/**
 * Makes the check every answer goes through before anything acts on it: it is JSON, of the configured schema,
 * and its action is one of `allowedActions`. Throws `CONFIG_INVALID` for a schema that cannot be used.
 */
export function createAnswerCheck(
  schema: Readonly<Record<string, unknown>>,
  allowedActions: readonly string[],
): (text: string) => Checked {
  const configured = readJsonSchema(schema, 'uplink.answerSchema');
  return (text) => {
    const json = parseAnswer(text);
    if (json === undefined) return { ok: false, problem: 'expected JSON, found something else' };
    const parsed = configured.safeParse(json);
    if (!parsed.success) return { ok: false, problem: problemOf(parsed.error) };
    const essentials = essentialsSchema.safeParse(json);
    if (!essentials.success) return { ok: false, problem: problemOf(essentials.error) };
    const { action } = essentials.data;
    if (action !== null && !allowedActions.includes(action.name)) {
      const allowed = allowedActions.length === 0 ? 'none' : allowedActions.join(', ');
      return { ok: false, problem: `action.name: expected one of the allowed actions (${allowed})` };
    }
    return { ok: true, answer: essentials.data };
  };
}

/** Models like to wrap JSON in a Markdown fence; what is inside it counts. */
function parseAnswer(text: string): unknown {
  const fenced = /^\s*```(?:json)?\s*([\s\S]*?)\s*```\s*$/.exec(text)?.[1];
  return parseJson(fenced ?? text);
}

/** Names paths and rules, not values: a problem may be logged, an answer may not. */
function problemOf(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map((issue) => `${issue.path.join('.') || 'answer'}: ${issue.message}`)
    .join('; ');
}

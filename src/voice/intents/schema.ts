import type { ActionConfig } from '../../actions/action-kind.js';
import { CatnapError } from '../../core/errors.js';
import * as z from '../../core/zod.js';
import { parseTemplate } from './template.js';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, 'lower-case letters, digits and underscores')
  .describe('Name of a list or slot.');

const sentenceSchema = z
  .string()
  .min(1)
  .superRefine((text, context) => complain(context, () => parseTemplate(text)));

/** Turns what `work` throws as a CatnapError into an issue of the schema. */
export function complain(context: z.RefinementCtx, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof CatnapError)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
}

const entrySchema = z.union([
  sentenceSchema,
  z.strictObject({
    in: sentenceSchema.describe('What is said; may hold (alternatives|of) [optional] words.'),
    out: z.string().describe('What the slot then holds.'),
  }),
]);

const listSchema = z.union([
  z.array(entrySchema).min(1).describe('What may be said in this place.'),
  z
    .strictObject({
      range: z.tuple([z.int().min(0), z.int().max(9999)]).describe('Smallest and largest whole number.'),
    })
    .describe('A number, in words or digits.'),
  z.strictObject({ wildcard: z.literal(true) }).describe('Any words, at least one.'),
]);

export type ListConfig = z.infer<typeof listSchema>;

const intentSchemaOf = <Action extends z.ZodType<ActionConfig>>(actionSchema: Action) =>
  z.strictObject({
    intent: z
      .string()
      .regex(/^[a-z][\w.-]*$/i)
      .describe('Name of what is meant, as events carry it.'),
    sentences: z
      .array(sentenceSchema)
      .min(1)
      .describe('Templates: words, (one|another), [optional], {list} or {list:slot}.'),
    slots: z.record(z.string(), z.string()).default({}).describe('Slots that are always the same.'),
    action: actionSchema
      .prefault({ kind: 'log' } as z.input<Action>)
      .describe('What is done when one of the sentences is understood.'),
  });

export type IntentConfig = z.infer<ReturnType<typeof intentSchemaOf>>;

/** Sentences and what they mean, with actions of the kinds there are. */
export const sentencesSchemaOf = <Action extends z.ZodType<ActionConfig>>(actionSchema: Action) =>
  z.strictObject({
    shipped: z
      .boolean()
      .default(true)
      .describe('Whether the templates that come with Catnap are matched too.'),
    minMatch: z
      .number()
      .min(0)
      .max(1)
      .default(0.75)
      .describe('How much of a sentence must be matched, 1 for word by word.'),
    lists: z.record(name, listSchema).default({}).describe('What may stand in a slot, by name.'),
    sentences: z
      .array(intentSchemaOf(actionSchema))
      .default([])
      .describe('Sentences of your own, each intent with its templates and its action.'),
  });

export type IntentsConfig = z.infer<ReturnType<typeof sentencesSchemaOf>>;

import type * as z from '../../core/zod.js';
import { IntentMatcher } from './matcher.js';
import { complain, sentencesSchema } from './schema.js';

/** The `intents` section: what is settled on the device; sentences that cannot be matched are refused. */
export const intentsSchema = sentencesSchema.superRefine((intents, context) =>
  complain(context, () => new IntentMatcher(intents)),
);

export type IntentsInput = z.input<typeof intentsSchema>;

import type { ActionConfig } from '../../actions/action-kind.js';
import type * as z from '../../core/zod.js';
import { IntentMatcher } from './matcher.js';
import { complain, sentencesSchemaOf } from './schema.js';

/** The `intents` section: what is settled on the device; sentences that cannot be matched are refused. */
export const intentsSchemaOf = <Action extends z.ZodType<ActionConfig>>(actionSchema: Action) =>
  sentencesSchemaOf(actionSchema).superRefine((intents, context) =>
    complain(context, () => new IntentMatcher(intents)),
  );

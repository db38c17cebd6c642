import { cascadeEventSchema } from '../core/events/event-schema.js';
import { EVENT_MEANINGS } from '../core/events/events.js';
import { EVENT_VERSION } from '../core/events/version.js';
import * as z from '../core/zod.js';

/** JSON Schema (draft 2020-12) of one event, made from the code that checks events. */
export function eventsJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(cascadeEventSchema, {
    override({ jsonSchema }) {
      // Read-only arrays are a matter of TypeScript, and the bounds of a safe integer of JavaScript.
      delete jsonSchema.readOnly;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  const oneOf = cascadeEventSchema.options.map((option, index) => ({
    description: EVENT_MEANINGS[option.shape.type.value],
    ...schema.oneOf?.[index],
  }));
  return {
    $schema,
    title: `Catnap event, version ${EVENT_VERSION}`,
    description: 'One line of the event log. `measured` blocks hold what differs from run to run.',
    ...schema,
    oneOf,
  };
}

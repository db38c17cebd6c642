import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import type { ActionKind } from './action-kind.js';

const schema = (z: Zod) => z.strictObject({ kind: z.literal('log') }).describe('Nothing but the event.');

/** Nothing but the event. */
export const log = {
  kind: 'log',
  schema,
  plan: () => ({ what: 'logged', act: null }),
} as const satisfies ActionKind<z.infer<ReturnType<typeof schema>>>;

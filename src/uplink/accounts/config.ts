import * as z from '../../core/zod.js';

export const budgetSchema = z
  .array(
    z.strictObject({
      what: z.enum(['calls', 'bytes', 'tokens', 'money', 'joules']),
      per: z.enum(['minute', 'hour', 'day', 'month']),
      limit: z.number().nonnegative(),
      provider: z
        .string()
        .nullable()
        .default(null)
        .describe('Name of the provider whose spending it bounds; null: of all together.'),
    }),
  )
  .prefault([
    { what: 'calls', per: 'minute', limit: 30 },
    { what: 'calls', per: 'day', limit: 1_000 },
    { what: 'bytes', per: 'day', limit: 100 * 1024 * 1024 },
    { what: 'money', per: 'day', limit: 1 },
  ])
  .describe('Hard limits over sliding periods, kept over restarts.');

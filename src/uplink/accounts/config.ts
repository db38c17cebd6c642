import * as z from '../../core/zod.js';

export const budgetSchema = z
  .array(
    z.strictObject({
      what: z
        .enum(['calls', 'bytes', 'tokens', 'money', 'joules'])
        .describe('What is counted; money in the currency of the price tables.'),
      per: z.enum(['minute', 'hour', 'day', 'month']).describe('Length of the period, which ends now.'),
      limit: z.number().nonnegative().describe('Most that may be spent in any such period.'),
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

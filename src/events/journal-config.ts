import * as z from '../core/zod.js';

/** The `journal` section: which events are kept for `catnap events`. */
export const journalSchema = z.strictObject({
  enabled: z.boolean().default(true).describe('Keep events on the disk.'),
  maxEvents: z.int().positive().default(100_000).describe('Events kept; the oldest go first.'),
  flushMs: z.number().positive().default(2_000).describe('Events are written together, at most this late.'),
});

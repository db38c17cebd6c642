import * as z from './zod.js';

/** Two thresholds on calibrated confidence. */
export const thresholdsSchema = z
  .strictObject({
    accept: z.number().min(0).max(1).describe('At or above: believed.'),
    reject: z.number().min(0).max(1).describe('Below: refused. Between the two the next stage is asked.'),
  })
  .refine((value) => value.reject <= value.accept, { message: 'reject must not be above accept' });

/** Thresholds of single words, by word. */
export const wordThresholdsSchema = z
  .record(z.string().min(1), thresholdsSchema)
  .default({})
  .describe('Thresholds of single trained words, before those of all; `catnap tune` writes them.');

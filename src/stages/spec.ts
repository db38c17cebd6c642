import { z } from 'zod';

/** Two thresholds on calibrated confidence. */
export const thresholdsSchema = z
  .strictObject({
    accept: z.number().min(0).max(1).describe('At or above: believed.'),
    reject: z.number().min(0).max(1).describe('Below: refused. Between the two the next stage is asked.'),
  })
  .refine((value) => value.reject <= value.accept, { message: 'reject must not be above accept' });

const budgetMs = z.int().positive().describe('Wall time after which a decision is abandoned.');

/** openWakeWord's chain and heads, from an npm package; a comparator (its heads are CC BY-NC-SA 4.0). */
export const owwSpecSchema = z.strictObject({
  kind: z.literal('oww'),
  name: z.string().default('oww').describe('Name in trails.'),
  keywords: z.array(z.enum(['alexa', 'hey_jarvis', 'hey_mycroft'])).min(1),
  thresholds: thresholdsSchema.default({ accept: 0.5, reject: 0.5 }),
  budgetMs: budgetMs.default(1000),
});

export type OwwSpec = z.infer<typeof owwSpecSchema>;

/** Moonshine tiny, speech to English text, from its npm package (MIT). */
export const moonshineSpecSchema = z.strictObject({
  kind: z.literal('moonshine'),
  name: z.string().default('moonshine').describe('Name in trails.'),
  budgetMs: budgetMs.default(8000),
});

export type MoonshineSpec = z.infer<typeof moonshineSpecSchema>;

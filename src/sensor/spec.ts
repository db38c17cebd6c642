import { thresholdsSchema } from '../core/thresholds-schema.js';
import * as z from '../core/zod.js';

const budgetMs = z.int().positive().describe('Wall time after which a decision is abandoned.');

const anomalyShape = {
  thresholds: thresholdsSchema.default({ accept: 0.5, reject: 0.5 }),
  falseAlarmsPerDay: z
    .number()
    .positive()
    .default(20)
    .describe('The false alarms a day at which confidence is one half.'),
  state: z
    .string()
    .nullable()
    .default(null)
    .describe('File that what was learnt is kept in; null keeps it in memory.'),
};

/** Learns what is normal for a sensor signal and watches it. */
export const anomalyTinySpecSchema = z.strictObject({
  kind: z.literal('anomaly-tiny'),
  name: z.string().default('anomaly-tiny').describe('Name in trails.'),
  ...anomalyShape,
  features: z.enum(['auto', 'level', 'vibration']).default('auto'),
  rowSeconds: z.number().positive().default(1).describe('Signal that one row of features describes.'),
  learnSeconds: z.number().positive().default(600).describe('Normal running to learn from.'),
  recording: z.string().nullable().default(null).describe('The recording that was learnt from, if one was.'),
  maxAlarmSeconds: z
    .number()
    .positive()
    .default(86_400)
    .describe('What lasts longer is taken for how the plant now runs.'),
  summary: z
    .strictObject({ plotWidth: z.int(), samples: z.int() })
    .default({ plotWidth: 0, samples: 0 })
    .describe('What of the signal an escalation carries, as the configuration says.'),
  budgetMs: budgetMs.default(1000),
});

export type AnomalyTinySpec = z.infer<typeof anomalyTinySpecSchema>;

/** Looks again at the window around what tiny noticed, with what tiny learnt and saved. */
export const anomalyHeavySpecSchema = z.strictObject({
  kind: z.literal('anomaly-heavy'),
  name: z.string().default('anomaly-heavy').describe('Name in trails.'),
  ...anomalyShape,
  budgetMs: budgetMs.default(5000),
});

export type AnomalyHeavySpec = z.infer<typeof anomalyHeavySpecSchema>;

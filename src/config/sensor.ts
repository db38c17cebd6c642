import { z } from 'zod';

/** A cascade that watches sensors. */
export const sensorSchema = z.strictObject({
  kind: z.literal('sensor'),
  learnSeconds: z.number().min(1).default(600).describe('Normal running to learn from, at the start.'),
});

export type SensorConfig = z.infer<typeof sensorSchema>;

import { z } from 'zod';

/** The way to the cloud. */
export const uplinkSchema = z.strictObject({
  enabled: z.boolean().default(false).describe('Off: what cannot be settled is recorded and goes nowhere.'),
  url: z
    .url({ protocol: /^wss?$/ })
    .optional()
    .describe('WebSocket address of the far end.'),
});

export type UplinkConfig = z.infer<typeof uplinkSchema>;

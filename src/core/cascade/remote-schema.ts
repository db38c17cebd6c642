import * as z from '../zod.js';

/** How long a worker is waited for that is asked in place of this device, and who answers then. */
export const remoteSchema = z
  .strictObject({
    waitMs: z
      .int()
      .min(20)
      .max(60_000)
      .default(1000)
      .describe('A worker that did not answer by then is not waited for: this device goes on alone.'),
    local: z
      .boolean()
      .default(true)
      .describe(
        'The stage of this device answers where no worker did; false: none is loaded here, and policy decides without it.',
      ),
  })
  .nullable()
  .default(null)
  .describe('Workers of the house are asked first, at the broker of `edge`; null: this device alone.');

export type RemoteConfig = z.infer<typeof remoteSchema>;

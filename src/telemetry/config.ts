import * as z from '../core/zod.js';
import { secretText } from '../files/secrets.js';

/** The `otlp` section: where traces and metrics go, to a collector that speaks OpenTelemetry's protocol. */
export const otlpSchema = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .describe(
        'Collector, as http://127.0.0.1:4318; traces go to `/v1/traces` of it, metrics to `/v1/metrics`.',
      ),
    headers: z
      .record(z.string(), secretText(z))
      .default({})
      .describe('Headers of every request; values may be ${NAME} or ${file:PATH}.'),
    everyMs: z
      .int()
      .min(1000)
      .max(3_600_000)
      .default(30_000)
      .describe('How often metrics are sent; traces go within 5 s of their end.'),
  })
  .describe('Tells an OpenTelemetry collector of each event as a trace, and of metrics.');

export type OtlpConfig = z.infer<typeof otlpSchema>;

/** Script of the heavy process: serves the stages of the registry. */
import { z } from 'zod';
import { createStage, stageSpecSchema } from '../stages/registry.js';
import { serveHeavy } from './heavy-serve.js';

const hostedSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('stage'), spec: stageSpecSchema }),
]);

/** What a worker may ask its heavy process to host. */
export type HostedSpec = z.infer<typeof hostedSchema>;

serveHeavy(async (description) => {
  const { kind, spec } = hostedSchema.parse(description);
  return { kind, stage: await createStage(spec) };
});

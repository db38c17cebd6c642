/** Script of the heavy process: serves the stages of the registry. */
import * as z from '../../core/zod.js';
import { recogniserSpecSchema, stageSpecSchema } from '../../voice/stages/spec.js';
import { createRecogniser, createStage } from '../stages.js';
import { serveHeavy } from './heavy-serve.js';

/** What a worker may have its heavy process host. */
const hostedSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('stage'), spec: stageSpecSchema }),
  z.strictObject({ kind: z.literal('recogniser'), spec: recogniserSpecSchema }),
]);

serveHeavy(async (description) => {
  const hosted = hostedSchema.parse(description);
  switch (hosted.kind) {
    case 'stage':
      return { kind: 'stage', stage: await createStage(hosted.spec) };
    case 'recogniser':
      return { kind: 'recogniser', recogniser: await createRecogniser(hosted.spec) };
  }
});

/** Script of the heavy process: serves the stages of the table. */
import type { RecogniserSpec, StageSpec } from '../core/cascade/assembly.js';
import { serveHeavy } from './heavy/heavy-serve.js';
import { systemClock, systemTimer } from './process/system-clock.js';
import { createRecogniser, createStage } from './stages.js';

/** What a worker may have its heavy process host. */
export type Hosted =
  | { readonly kind: 'stage'; readonly spec: StageSpec }
  | { readonly kind: 'recogniser'; readonly spec: RecogniserSpec };

serveHeavy(async (description) => {
  const hosted = description as Hosted;
  switch (hosted.kind) {
    case 'stage':
      return { kind: 'stage', stage: await createStage(hosted.spec, undefined, systemClock) };
    case 'recogniser':
      return { kind: 'recogniser', recogniser: await createRecogniser(hosted.spec) };
  }
}, systemTimer);

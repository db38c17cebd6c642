/** Script of the heavy process: serves the stages of the table. */
import type { StageSpec } from '../core/cascade/assembly.js';
import { serveHeavy } from './heavy/heavy-serve.js';
import { createRecogniser, createStage } from './stages.js';

/** What a worker may have its heavy process host. */
export interface Hosted {
  readonly kind: 'stage' | 'recogniser';
  readonly spec: StageSpec;
}

serveHeavy(async (description) => {
  const { kind, spec } = description as Hosted;
  switch (kind) {
    case 'stage':
      return { kind, stage: await createStage(spec) };
    case 'recogniser':
      return { kind, recogniser: await createRecogniser(spec) };
  }
});

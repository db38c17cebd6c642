import { z } from 'zod';
import type { Stage } from '../core/stage.js';
import { owwSpecSchema } from './spec.js';

/** Every kind of stage there is, as serialisable data: a worker or child builds its own from it. */
export const stageSpecSchema = z.discriminatedUnion('kind', [owwSpecSchema]);
export type StageSpec = z.infer<typeof stageSpecSchema>;
/** What may stand in a config file: defaults not yet filled in. */
export type StageSpecInput = z.input<typeof stageSpecSchema>;

/**
 * Builds a stage, loading its models. Libraries are imported only by the kinds that need them.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export async function createStage(spec: StageSpec): Promise<Stage> {
  switch (spec.kind) {
    case 'oww':
      return (await import('./oww.js')).createOwwStage(spec);
  }
}

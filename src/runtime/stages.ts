import type { Recogniser, Stage } from '../core/cascade/stage.js';
import type { RecogniserSpec, StageSpec } from '../voice/stages/spec.js';

/**
 * Builds a stage, loading its models. Libraries are imported only by the kinds that need them.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export async function createStage(spec: StageSpec): Promise<Stage> {
  switch (spec.kind) {
    case 'oww':
      return (await import('../voice/stages/oww.js')).createOwwStage(spec);
    case 'anomaly-tiny':
      return (await import('../sensor/tiny.js')).createAnomalyTiny(spec);
    case 'anomaly-heavy':
      return (await import('../sensor/heavy.js')).createAnomalyHeavy(spec);
    case 'wake-tiny':
      return (await import('../voice/stages/wake-tiny.js')).createWakeTiny(spec);
    case 'wake-heavy':
      return (await import('../voice/stages/wake-heavy.js')).createWakeHeavy(spec);
    case 'silero-vad':
      return (await import('../voice/stages/silero-vad.js')).createSileroVad(spec);
  }
}

/**
 * Builds a recogniser, loading its models.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export async function createRecogniser(spec: RecogniserSpec): Promise<Recogniser> {
  switch (spec.kind) {
    case 'moonshine':
      return (await import('../voice/stages/moonshine.js')).createMoonshine(spec);
    case 'commands':
      return (await import('../voice/stages/commands.js')).createCommands(spec);
    case 'first-of': {
      const members: Recogniser[] = [];
      for (const member of spec.members) members.push(await createRecogniser(member));
      return (await import('../voice/stages/first-of.js')).createFirstOf(spec, members);
    }
  }
}

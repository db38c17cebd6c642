import type { Recogniser, Stage } from '../core/stage.js';
import type { RecogniserSpec, StageSpec } from './spec.js';

/**
 * Builds a stage, loading its models. Libraries are imported only by the kinds that need them.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export async function createStage(spec: StageSpec): Promise<Stage> {
  switch (spec.kind) {
    case 'oww':
      return (await import('./oww.js')).createOwwStage(spec);
    case 'anomaly-tiny':
      return (await import('./anomaly-tiny.js')).createAnomalyTiny(spec);
    case 'anomaly-heavy':
      return (await import('./anomaly-heavy.js')).createAnomalyHeavy(spec);
    case 'wake-tiny':
      return (await import('./wake-tiny.js')).createWakeTiny(spec);
    case 'wake-heavy':
      return (await import('./wake-heavy.js')).createWakeHeavy(spec);
    case 'silero-vad':
      return (await import('./silero-vad.js')).createSileroVad(spec);
  }
}

/**
 * Builds a recogniser, loading its models.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export async function createRecogniser(spec: RecogniserSpec): Promise<Recogniser> {
  switch (spec.kind) {
    case 'moonshine':
      return (await import('./moonshine.js')).createMoonshine(spec);
    case 'commands':
      return (await import('./commands.js')).createCommands(spec);
    case 'first-of': {
      const members: Recogniser[] = [];
      for (const member of spec.members) members.push(await createRecogniser(member));
      return (await import('./first-of.js')).createFirstOf(spec, members);
    }
  }
}

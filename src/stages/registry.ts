import { z } from 'zod';
import type { Recogniser, Stage } from '../core/stage.js';
import {
  anomalyHeavySpecSchema,
  anomalyTinySpecSchema,
  commandsSpecSchema,
  firstOfSpecSchema,
  moonshineSpecSchema,
  owwSpecSchema,
  sileroVadSpecSchema,
  wakeHeavySpecSchema,
  wakeTinySpecSchema,
} from './spec.js';

/** Every kind of stage there is, as serialisable data: a worker or child builds its own from it. */
export const stageSpecSchema = z.discriminatedUnion('kind', [
  owwSpecSchema,
  anomalyTinySpecSchema,
  anomalyHeavySpecSchema,
  wakeTinySpecSchema,
  wakeHeavySpecSchema,
  sileroVadSpecSchema,
]);
export type StageSpec = z.infer<typeof stageSpecSchema>;
/** What may be written: defaults not yet filled in. */
export type StageSpecInput = z.input<typeof stageSpecSchema>;

/** Every kind of recogniser there is. */
export const recogniserSpecSchema = z.discriminatedUnion('kind', [
  moonshineSpecSchema,
  commandsSpecSchema,
  firstOfSpecSchema,
]);
export type RecogniserSpec = z.infer<typeof recogniserSpecSchema>;
export type RecogniserSpecInput = z.input<typeof recogniserSpecSchema>;

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

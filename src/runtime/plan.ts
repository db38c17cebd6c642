import type { GivenStages } from '../core/cascade/assembly.js';
import { planSensor, type SensorPlanPlace } from '../sensor/plan.js';
import type { VoiceConfig } from '../voice/config.js';
import { planVoice, type VoicePlan } from '../voice/plan.js';
import { kindsFor } from '../voice/stages/stage-kind.js';
import type { OwnWordConfig } from '../voice/words/config.js';
import { vocabularyOf } from '../voice/words/known.js';
import type { CascadePlan } from './build.js';
import type { CascadeConfig } from './config.js';
import { SENSOR_KINDS, VOICE_KINDS } from './stages.js';

/**
 * What a cascade is made of, as plain data: for a thread or process that loads no schemas. What is `given` is not
 * looked up.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`; `CONFIG_INVALID` for a module that is none.
 */
export async function planCascade(
  config: CascadeConfig,
  place: SensorPlanPlace,
  given: GivenStages = {},
): Promise<CascadePlan> {
  switch (config.kind) {
    case 'voice':
      return { kind: 'voice', config, stages: await planVoice(config, VOICE_KINDS, given) };
    case 'sensor':
      return { kind: 'sensor', config, stages: await planSensor(config, SENSOR_KINDS, place, given) };
  }
}

/** The stages of a voice cascade alone. */
export function voicePlan(config: VoiceConfig): Promise<VoicePlan> {
  return planVoice(config, VOICE_KINDS);
}

/** Words that a cascade listens for, trained ones by their labels; null: its model alone knows. */
export type ListenedWords = readonly (string | OwnWordConfig)[] | null;

/**
 * Words that a voice cascade listens for: those that it names, or else all that its model knows.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`.
 */
export function listenedWords({ tiny: { model, words } }: VoiceConfig): ListenedWords {
  return words ?? vocabularyOf(kindsFor('tiny', VOICE_KINDS), model)?.words ?? null;
}

import { resolve } from 'node:path';
import type { StageSpec } from '../../../core/cascade/assembly.js';
import type { SettingFault, Zod } from '../../../core/kind.js';
import type { WakeFamily } from '../../../models/wake-file.js';
import type { PlannedVoiceStage, VoiceModelTraits, VoicePart, VoiceStageRequest } from '../stage-kind.js';
import { type ForeignWord, foreignWords } from './foreign-word.js';
import { type ForeignSettings, faultsOfFile, foreignSchema, labelOfModel, modelsOf } from './settings.js';

/** A stage of models of one family, as data. */
export interface ForeignSpec<Family extends WakeFamily> extends StageSpec {
  readonly kind: Family;
  readonly words: readonly ForeignWord[];
}

const PARTS: readonly VoicePart[] = ['tiny', 'heavy'];

/** A kind that is made from files of another project, but for how its stages are created. */
export function foreignKind<Family extends WakeFamily>(
  kind: Family,
  about: string,
  traits: VoiceModelTraits,
) {
  return {
    kind,
    by: 'settings',
    parts: PARTS,
    schema: (z: Zod) => foreignSchema(z, kind, about),
    from: (folder: string, settings: ForeignSettings): ForeignSettings => ({
      ...settings,
      models: modelsOf(settings).map((each) => ({ ...each, model: resolve(folder, each.model) })),
    }),
    words: (settings: ForeignSettings) => modelsOf(settings).map(labelOfModel),
    faults: (folder: string, settings: ForeignSettings): readonly SettingFault[] =>
      modelsOf(settings).flatMap(({ model }, i) => faultsOfFile(resolve(folder, model), ['models', i])),
    async plan(
      request: VoiceStageRequest,
      settings: ForeignSettings,
    ): Promise<PlannedVoiceStage<ForeignSpec<Family>>> {
      const { words, spoken, thresholds } = foreignWords(settings, request);
      const { name, budgetMs } = request;
      return {
        spec: { kind, name, budgetMs, words },
        words: words.map(({ label }) => label),
        spoken,
        thresholds,
        traits,
      };
    },
  } as const;
}

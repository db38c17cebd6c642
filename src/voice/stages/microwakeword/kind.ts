import { foreignWords } from '../foreign/foreign-word.js';
import { type ForeignSettings, foreignKind } from '../foreign/settings.js';
import type {
  PlannedVoiceStage,
  VoiceModelTraits,
  VoiceStageKind,
  VoiceStageRequest,
} from '../stage-kind.js';
import type { MicroWakeWordSpec } from './microwakeword.js';

/** A streaming model remembers about a second, and the front end's idea of the noise takes one to settle. */
const TRAITS: VoiceModelTraits = {
  hopSamples: 1280,
  debounceHops: 1,
  contextMs: 2000,
  tailMs: 0,
  againMs: null,
};

/** microWakeWord's models, as ESPHome runs them: any number on one front end. */
export const microWakeWord: VoiceStageKind<MicroWakeWordSpec> = {
  ...foreignKind('microwakeword', "microWakeWord's models: the manifests, beside which the models stand."),
  async plan(
    request: VoiceStageRequest,
    settings: ForeignSettings,
  ): Promise<PlannedVoiceStage<MicroWakeWordSpec>> {
    const { words, spoken, thresholds } = foreignWords(settings, request);
    const { name, budgetMs } = request;
    return {
      spec: { kind: 'microwakeword', name, budgetMs, words },
      words: words.map(({ label }) => label),
      spoken,
      thresholds,
      traits: TRAITS,
    };
  },
  create: async (spec) => (await import('./microwakeword.js')).createMicroWakeWord(spec),
};

import { foreignWords } from '../foreign/foreign-word.js';
import { type ForeignSettings, foreignKind } from '../foreign/settings.js';
import type {
  PlannedVoiceStage,
  VoiceModelTraits,
  VoiceStageKind,
  VoiceStageRequest,
} from '../stage-kind.js';
import type { OpenWakeWordSpec } from './openwakeword.js';

/** openWakeWord's history: 76 mel frames of 10 ms and 16 embeddings 80 ms apart. */
const TRAITS: VoiceModelTraits = {
  hopSamples: 1280,
  debounceHops: 1,
  contextMs: 2040,
  tailMs: 160,
  againMs: null,
};

/** openWakeWord's models, ONNX or TensorFlow Lite: any number of heads on one mel spectrogram and speech embedding. */
export const openWakeWord: VoiceStageKind<OpenWakeWordSpec> = {
  ...foreignKind('openwakeword', "openWakeWord's models: ONNX or TensorFlow Lite files."),
  async plan(
    request: VoiceStageRequest,
    settings: ForeignSettings,
  ): Promise<PlannedVoiceStage<OpenWakeWordSpec>> {
    const { words, spoken, thresholds } = foreignWords(settings, request);
    const { name, budgetMs } = request;
    return {
      spec: { kind: 'openwakeword', name, budgetMs, words },
      words: words.map(({ label }) => label),
      spoken,
      thresholds,
      traits: TRAITS,
    };
  },
  create: async (spec) => (await import('./openwakeword.js')).createOpenWakeWord(spec),
};

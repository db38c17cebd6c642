import { foreignKind } from '../foreign/foreign-kind.js';
import type { VoiceModelTraits, VoiceStageKind } from '../stage-kind.js';
import type { OpenWakeWordSpec } from './openwakeword.js';

/** openWakeWord's history: 76 mel frames of 10 ms and 16 embeddings 80 ms apart; `resumeMs` as measured in docs/. */
const TRAITS: VoiceModelTraits = {
  hopSamples: 1280,
  debounceHops: 1,
  contextMs: 2040,
  resumeMs: 640,
  tailMs: 160,
  againMs: null,
  calm: null,
};

/** openWakeWord's models, ONNX or TensorFlow Lite: any number of heads on one mel spectrogram and speech embedding. */
export const openWakeWord: VoiceStageKind<OpenWakeWordSpec> = {
  ...foreignKind('openwakeword', "openWakeWord's models: ONNX or TensorFlow Lite files.", TRAITS),
  create: async (spec) => (await import('./openwakeword.js')).createOpenWakeWord(spec),
};

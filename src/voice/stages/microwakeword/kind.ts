import { foreignKind } from '../foreign/foreign-kind.js';
import type { VoiceModelTraits, VoiceStageKind } from '../stage-kind.js';
import type { MicroWakeWordSpec } from './microwakeword.js';

/** A streaming model remembers about a second, and the front end's idea of the noise takes two to settle. */
const TRAITS: VoiceModelTraits = {
  hopSamples: 1280,
  debounceHops: 1,
  contextMs: 3000,
  tailMs: 0,
  againMs: null,
  // 99.7% of the hops of other speech lie below with `alexa`, and none before a hop in which a word is heard: what is
  // judged is the mean of five scores and more, of which a hop brings three.
  calm: { below: 0.001, waitMs: 80, mayDelay: false },
};

/** microWakeWord's models, as ESPHome runs them: any number on one front end. */
export const microWakeWord: VoiceStageKind<MicroWakeWordSpec> = {
  ...foreignKind(
    'microwakeword',
    "microWakeWord's models: the manifests, beside which the models stand.",
    TRAITS,
  ),
  create: async (spec) => (await import('./microwakeword.js')).createMicroWakeWord(spec),
};

import { checkShippedModel } from '../../../engines/check-model.js';
import { wordsOf } from '../manifest-traits.js';
import type { VoiceStageKind } from '../stage-kind.js';
import type { WakeTinySpec } from './wake-tiny.js';

/** A streaming keyword model with its log-mel features. */
export const wakeTiny: VoiceStageKind<WakeTinySpec> = {
  kind: 'wake-tiny',
  parts: ['tiny', 'heavy'],
  checks: [{ name: 'model wake-tiny', run: () => checkShippedModel('wake-tiny') }],
  by: 'manifest',
  async plan(request, model) {
    const { logMelOf } = await import('../../../models/front-end.js');
    const frontEnd = logMelOf(model);
    const { framesPerCall, stepSamples, windowFrames, rateHz } = frontEnd;
    const { words, thresholds, traits } = wordsOf(request, model);
    const calm = model.manifest.looks?.calm ?? null;
    return {
      spec: { kind: 'wake-tiny', ...request, model: { model, frontEnd }, engine: 'auto' },
      words,
      thresholds,
      traits: {
        ...traits,
        hopSamples: framesPerCall * stepSamples,
        contextMs: (windowFrames * stepSamples * 1000) / rateHz,
        calm: calm === null ? null : { ...calm, mayDelay: true },
      },
    };
  },
  create: async (spec) => (await import('./wake-tiny.js')).createWakeTiny(spec),
};

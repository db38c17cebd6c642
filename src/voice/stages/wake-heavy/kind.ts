import { CatnapError } from '../../../core/errors.js';
import { checkShippedModel } from '../../../engines/check-model.js';
import type { Model } from '../../../models/manifest.js';
import { wordsOf } from '../manifest-traits.js';
import type { VoiceStageKind } from '../stage-kind.js';
import { DEFAULT_TRAITS } from '../stage-kind.js';
import type { Second } from './speech-opinion.js';
import type { WakeHeavySpec } from './wake-heavy.js';

/** A model that judges a window of audio at once. */
export const wakeHeavy: VoiceStageKind<WakeHeavySpec> = {
  kind: 'wake-heavy',
  parts: ['heavy'],
  checks: ['wake-heavy', 'wake-speech'].map((name) => ({
    name: `model ${name}`,
    run: () => checkShippedModel(name),
  })),
  by: 'manifest',
  async plan(request, model) {
    const { rawAudioOf } = await import('../../../models/front-end.js');
    const frontEnd = rawAudioOf(model);
    const { words, thresholds, traits } = wordsOf(request, model);
    return {
      spec: { kind: 'wake-heavy', ...request, model, frontEnd, second: await secondOf(model) },
      words,
      thresholds,
      traits: { ...DEFAULT_TRAITS, ...traits },
    };
  },
  create: async (spec) => (await import('./wake-heavy.js')).createWakeHeavy(spec),
};

/**
 * Reads the manifest of whose opinion a verifier's asks for; null where it asks for none. One that cannot be had is
 * told as data: heavy is out then, as with a file of its own that is missing, and tiny goes on alone.
 */
export async function secondOf({ manifest, folder }: Model): Promise<Second | null> {
  const { second } = manifest.verify;
  if (second === null) return null;
  const { resolve } = await import('node:path');
  const { encodedWindowOf } = await import('../../../models/front-end.js');
  const { loadManifest } = await import('../../../models/manifest.js');
  try {
    const model = loadManifest(resolve(folder, second.manifest));
    return {
      kind: 'model',
      model,
      frontEnd: encodedWindowOf(model),
      weight: second.weight,
      most: second.most,
    };
  } catch (error) {
    if (!(error instanceof CatnapError)) throw error;
    return { kind: 'unavailable', code: error.code, message: error.message };
  }
}

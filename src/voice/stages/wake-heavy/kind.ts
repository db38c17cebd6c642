import { CatnapError } from '../../../core/errors.js';
import { checkShippedModel } from '../../../engines/check-model.js';
import type { Model } from '../../../models/manifest.js';
import { wordsOf } from '../manifest-traits.js';
import type { VoiceStageKind } from '../stage-kind.js';
import { DEFAULT_TRAITS } from '../stage-kind.js';
import type { Unavailable } from './opinion.js';
import type { PhonesModel } from './phone-opinion.js';
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
    const [second, phones] = [await secondOf(model), await phonesOf(model)];
    return {
      spec: { kind: 'wake-heavy', ...request, model, frontEnd, second, phones },
      words,
      thresholds,
      traits: { ...DEFAULT_TRAITS, ...traits },
    };
  },
  create: async (spec) => (await import('./wake-heavy.js')).createWakeHeavy(spec),
};

type Verify = Model['manifest']['verify'];

/** Whose opinion a verifier's manifest asks for; null where it asks for none. */
export async function secondOf({ manifest, folder }: Model): Promise<Second | null> {
  const { second } = manifest.verify;
  if (second === null) return null;
  const { encodedWindowOf } = await import('../../../models/front-end.js');
  return asked(folder, second, (model, { weight, most }) => ({
    kind: 'model',
    model,
    frontEnd: encodedWindowOf(model),
    weight,
    most,
  }));
}

/** By whose hearing a verifier's manifest asks for words to be judged by their phones; null where it does not. */
async function phonesOf({ manifest, folder }: Model): Promise<PhonesModel | Unavailable | null> {
  const { phones } = manifest.verify;
  if (phones === null) return null;
  const { PhoneInventory } = await import('../../words/phones.js');
  return asked(folder, phones, (model, { weight, even, most, words }) => {
    const inventory = new PhoneInventory(model.manifest.labels);
    const spoken = Object.entries(words).map(
      ([label, { ipa, lastPhoneMs }]) => [label, { phones: inventory.parse(ipa), lastPhoneMs }] as const,
    );
    return { kind: 'model', model, weight, even, most, words: Object.fromEntries(spoken) };
  });
}

/**
 * Reads the manifest of another model that a verifier's asks for. One that cannot be had is told as data: heavy is out
 * then, as with a file of its own that is missing, and tiny goes on alone.
 */
async function asked<Asked extends NonNullable<Verify['second' | 'phones']>, Found>(
  folder: string,
  wanted: Asked,
  found: (model: Model, wanted: Asked) => Found,
): Promise<Found | Unavailable> {
  const { resolve } = await import('node:path');
  const { loadManifest } = await import('../../../models/manifest.js');
  try {
    return found(loadManifest(resolve(folder, wanted.manifest)), wanted);
  } catch (error) {
    if (!(error instanceof CatnapError)) throw error;
    return { kind: 'unavailable', code: error.code, message: error.message };
  }
}

import { CatnapError } from '../../../core/errors.js';
import { ok } from '../../../core/finding.js';
import { thresholdsOf } from '../../../core/thresholds.js';
import type { OwnWordsHeavySpec } from '../../words/own-words-heavy.js';
import { HALF, type VoiceStageKind } from '../stage-kind.js';

/** Judges words by their sounds as own words are judged; as data. */
interface PhonesSpec extends Omit<OwnWordsHeavySpec, 'kind'> {
  readonly kind: 'phones';
}

declare module '../stage-kind.js' {
  interface VoiceStageSpecs {
    phones: PhonesSpec;
  }
}

/** A verifier of any word that can be spelt, as its label is: by the phone network and the recogniser's reading. */
export const phones: VoiceStageKind<PhonesSpec> = {
  kind: 'phones',
  parts: ['heavy'],
  checks: [
    {
      name: 'model phones',
      async run() {
        const { PhoneNetwork } = await import('../../words/phone-network.js');
        const { shippedModel } = await import('../../../models/manifest.js');
        const model = shippedModel('phones');
        await (await PhoneNetwork.load(model)).dispose();
        return ok(`version ${model.manifest.version}, loads as onnx`);
      },
    },
  ],
  by: 'name',
  async plan({ words, budgetMs, exact = false, ...asked }) {
    if (words === null)
      throw new CatnapError(
        'CONFIG_INVALID',
        'model phones: expected words that are to be judged, found none',
      );
    const { OWN_TRAITS, planOwnWords } = await import('../../words/plan.js');
    const spoken = words.map((name) => ({
      name,
      say: name.replaceAll('_', ' '),
      accept: thresholdsOf(name, asked, HALF).accept,
    }));
    const { heavy, accept } = await planOwnWords(spoken, {
      tiny: { budgetMs },
      heavy: { budgetMs, exact },
    });
    return {
      spec: { ...heavy, kind: 'phones', name: 'phones' },
      words,
      thresholds: { accept, reject: accept },
      traits: OWN_TRAITS,
    };
  },
  create: async (spec) =>
    (await import('../../words/own-words-heavy.js')).createOwnWordsHeavy({
      ...spec,
      kind: 'own-words-heavy',
    }),
};

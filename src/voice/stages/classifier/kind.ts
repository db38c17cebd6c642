import { basename, extname, resolve } from 'node:path';
import { CatnapError } from '../../../core/errors.js';
import type { Zod } from '../../../core/kind.js';
import { networkOf, readWeights, weightsOf } from '../../../models/weights.js';
import { VOICE_RATE_HZ } from '../../../sources/mono.js';
import { faultsOfFile } from '../foreign/settings.js';
import { knownLabels, wordLabels } from '../labels/known-labels.js';
import { DEFAULT_TRAITS, type VoiceStageKind, type VoiceStageRequest } from '../stage-kind.js';
import type { ClassifierSpec } from './classifier.js';
import { type Recipe, recipeOf } from './recipes.js';
import { type ClassifierSettings, classifierSchema } from './settings.js';

/** Any network of one input that scores labels, as ONNX or TensorFlow Lite has it. */
export const classifier: VoiceStageKind<ClassifierSpec> = {
  kind: 'classifier',
  by: 'settings',
  parts: ['tiny', 'heavy'],
  schema: (z: Zod) => classifierSchema(z),
  from: (folder: string, settings: ClassifierSettings): ClassifierSettings => ({
    ...settings,
    model: resolve(folder, settings.model),
  }),
  words: (settings: ClassifierSettings) => wordLabels(known(settings).labels, settings),
  faults: (folder: string, { model }: ClassifierSettings) => faultsOfFile(resolve(folder, model), ['model']),
  async plan(request: VoiceStageRequest, settings: ClassifierSettings) {
    const { name: model, labels, ...traits } = known(settings);
    const network = networkOf(settings.model, model, false);
    const { usual } = traits;
    const calibration =
      usual === null
        ? ({ kind: 'none' } as const)
        : ({ kind: 'isotonic', x: [0, 2 * usual], y: [0, 1] } as const);
    const weights = weightsOf(network);
    // What an autoencoder notices is a sound that nobody says.
    const unsaid =
      traits.output === 'reconstruction' ? Object.fromEntries(labels.map((each) => [each, null])) : {};
    const said = { ...settings, say: { ...unsaid, ...settings.say } };
    const chosen = knownLabels({ model, labels, weights, calibration }, said, request);
    const { words } = chosen;
    const { name, budgetMs } = request;
    return {
      ...chosen,
      spec: { kind: 'classifier', name, budgetMs, ...traits, network, labels, words },
      words: words.map(({ label }) => label),
      traits: {
        ...DEFAULT_TRAITS,
        contextMs: (traits.meanOf * traits.everySamples * 1000) / VOICE_RATE_HZ + 1000,
      },
    };
  },
  create: async (spec) => (await import('./classifier.js')).createClassifier(spec),
};

/**
 * What settings say of their model, or what is known of it.
 * @throws CatnapError `MODEL_MISSING`; `MODEL_SHAPE` where neither says what it hears.
 */
function known({ model: path, labels, frontEnd, output, everyMs, meanOf }: ClassifierSettings): Recipe {
  const name = basename(path, extname(path));
  if (labels !== undefined && frontEnd !== undefined) {
    const everySamples = Math.round((everyMs * VOICE_RATE_HZ) / 1000);
    return {
      name,
      labels,
      frontEnd,
      output,
      everySamples,
      meanOf,
      usual: output === 'reconstruction' ? 1 : null,
    };
  }
  const recipe = recipeOf(readWeights(path, name).sha256);
  if (recipe !== null) return recipe;
  throw new CatnapError(
    'MODEL_SHAPE',
    `model ${name}: expected labels and a frontEnd, for it is none of those that Catnap knows, found neither or one`,
  );
}

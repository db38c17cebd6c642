import { accessSync, constants } from 'node:fs';
import { basename, resolve } from 'node:path';
import { CatnapError } from '../../../core/errors.js';
import type { SettingFault, SettingsSchema, Zod } from '../../../core/kind.js';
import { VOICE_RATE_HZ } from '../../../sources/mono.js';
import { knownLabels, type LabelSettings, labelFields } from '../labels/known-labels.js';
import { DEFAULT_TRAITS, type VoiceStageKind, type VoiceStageRequest } from '../stage-kind.js';
import type { EdgeImpulseSpec } from './edge-impulse.js';

/** Settings of a stage that an executable of Edge Impulse is. */
export interface EdgeImpulseSettings extends LabelSettings {
  readonly kind: 'edge-impulse';
  readonly model: string;
  readonly answerMs: number;
}

/** What Edge Impulse exports for Linux: an executable, `.eim`, in a process of its own. */
export const edgeImpulse: VoiceStageKind<EdgeImpulseSpec> = {
  kind: 'edge-impulse',
  by: 'settings',
  parts: ['tiny', 'heavy'],
  schema: (z: Zod): SettingsSchema<EdgeImpulseSettings> =>
    z.strictObject({
      kind: z.literal('edge-impulse').describe('What Edge Impulse exports for Linux.'),
      model: z.string().min(1).describe('Executable of the model (.eim), relative to this file.'),
      ...labelFields(z),
      answerMs: z
        .number()
        .min(10)
        .max(60_000)
        .default(500)
        .describe('The executable is ended, and started again, where an answer takes longer.'),
    }),
  from: (folder: string, settings: EdgeImpulseSettings): EdgeImpulseSettings => ({
    ...settings,
    model: resolve(folder, settings.model),
  }),
  faults: (folder: string, { model }: EdgeImpulseSettings) => faultsOfExecutable(resolve(folder, model)),
  async plan(request: VoiceStageRequest, settings: EdgeImpulseSettings) {
    const { model: path, answerMs } = settings;
    const { EimProcess } = await import('../../../engines/edge-impulse/eim-process.js');
    const { process: running, impulse } = await EimProcess.start(path);
    running.kill();
    const model = basename(path);
    if (impulse.rateHz !== VOICE_RATE_HZ)
      throw new CatnapError(
        'MODEL_SHAPE',
        `model ${model}: expected one of ${VOICE_RATE_HZ} Hz, found ${impulse.rateHz}`,
      );
    const { readWeights } = await import('../../../models/weights.js');
    const { sha256 } = readWeights(path, model);
    const { labels } = impulse;
    const known = knownLabels(
      { model, labels, weights: { path, sha256 }, calibration: { kind: 'none' } },
      settings,
      request,
    );
    const { name, budgetMs } = request;
    const contextMs = (impulse.windowSamples * 1000) / impulse.rateHz;
    return {
      ...known,
      spec: { kind: 'edge-impulse', name, budgetMs, path, impulse, answerMs, words: known.words },
      words: known.words.map(({ label }) => label),
      traits: { ...DEFAULT_TRAITS, contextMs },
    };
  },
  create: async (spec) => (await import('./edge-impulse.js')).createEdgeImpulse(spec),
};

function faultsOfExecutable(path: string): readonly SettingFault[] {
  try {
    accessSync(path, constants.X_OK);
    return [];
  } catch {
    const message = `expected a file that may be executed at ${path}, found none; \`chmod +x\` makes it one`;
    return [{ path: ['model'], message }];
  }
}

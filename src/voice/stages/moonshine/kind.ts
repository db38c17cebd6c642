import { ok } from '../../../core/finding.js';
import type { RecogniserKind } from '../stage-kind.js';
import type { MoonshineSpec } from './moonshine.js';

/** Moonshine tiny, speech to English text, from its npm package (MIT). */
export const moonshine: RecogniserKind<MoonshineSpec> = {
  kind: 'moonshine',
  checks: [
    {
      name: 'model moonshine',
      async run() {
        const { checkModelFile } = await import('../../../models/model-file.js');
        const { moonshineFile, moonshineGraph } = await import('../../../models/moonshine.js');
        checkModelFile(moonshineFile('encoder'));
        checkModelFile(moonshineFile('decoder'));
        checkModelFile(moonshineGraph('cross'));
        checkModelFile(moonshineGraph('decoder'));
        return ok('there, as its checksum says');
      },
    },
  ],
  by: 'name',
  plan: async ({ name, budgetMs }) => ({ kind: 'moonshine', name, budgetMs }),
  create: async (spec) => (await import('./moonshine.js')).createMoonshine(spec),
};

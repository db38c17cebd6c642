import { ok } from '../../../core/finding.js';
import type { EndpointerKind } from '../stage-kind.js';
import type { SileroVadSpec } from './silero-vad.js';

/** Little, for a live source waits for it hop by hop; meanwhile the recogniser may be loading in the same process. */
const BUDGET_MS = 120;

/** Silero VAD, from an npm package (MIT): whether somebody speaks. */
export const silero: EndpointerKind<SileroVadSpec> = {
  kind: 'silero',
  checks: [
    {
      name: 'model silero-vad',
      async run() {
        const { checkModelFile } = await import('../../../models/model-file.js');
        checkModelFile((await import('../../../models/silero.js')).sileroFile());
        return ok('there, as its checksum says');
      },
    },
  ],
  by: 'name',
  plan: async () => ({
    kind: 'silero',
    name: 'silero-vad',
    thresholds: { accept: 0.5, reject: 0.5 },
    budgetMs: BUDGET_MS,
  }),
  create: async (spec) => (await import('./silero-vad.js')).createSileroVad(spec),
};

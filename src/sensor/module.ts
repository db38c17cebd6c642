import { join } from 'node:path';
import {
  createOwnStage,
  type ModuleSettings,
  type ModuleSpec,
  moduleKind,
  type OwnStagePlace,
  planModule,
} from '../own/own-stage.js';
import type { SensorStageKind, SensorStageRequest } from './stage-kind.js';

const TINY_BUDGET_MS = 1000;

function kindOf(
  part: 'tiny' | 'heavy',
  wantedOf: (request: SensorStageRequest) => Pick<OwnStagePlace, 'thresholds' | 'budgetMs'>,
): SensorStageKind<ModuleSpec> {
  return {
    ...moduleKind,
    async plan(request: SensorStageRequest, settings: ModuleSettings) {
      const { source, stateDir } = request;
      const { thresholds, budgetMs } = wantedOf(request);
      const statePath = stateDir === null ? null : join(stateDir, 'module', `${source}.${part}`);
      return (await planModule(settings, 'stage', { thresholds, budgetMs, words: null, statePath })).spec;
    },
    create: createOwnStage,
  };
}

/** A tiny for sensors from a module of one's own. */
export const moduleTiny = kindOf('tiny', ({ config: { thresholds } }) => ({
  thresholds,
  budgetMs: TINY_BUDGET_MS,
}));

/** A heavy for sensors from a module of one's own. */
export const moduleHeavy = kindOf('heavy', ({ config: { heavy } }) => heavy);

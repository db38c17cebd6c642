import { anomalyStatePath } from '../normal/state-path.js';
import type { SensorStageKind } from '../stage-kind.js';
import type { AnomalyHeavySpec } from './anomaly-heavy.js';

/** Looks again at the window around what tiny noticed, with what tiny learnt. */
export const anomalyHeavy: SensorStageKind<AnomalyHeavySpec> = {
  kind: 'anomaly-heavy',
  by: 'name',
  plan: async ({ config: { heavy, falseAlarmsPerDay }, source, stateDir }) => ({
    kind: 'anomaly-heavy',
    name: 'anomaly-heavy',
    thresholds: heavy.thresholds,
    falseAlarmsPerDay,
    state: stateDir === null ? null : anomalyStatePath(stateDir, source),
    budgetMs: heavy.budgetMs,
  }),
  create: async (spec, { beside }) => (await import('./anomaly-heavy.js')).createAnomalyHeavy(spec, beside),
};

import { anomalyStatePath } from '../normal/state-path.js';
import type { SensorStageKind } from '../stage-kind.js';
import type { AnomalyTinySpec } from './spec.js';

const BUDGET_MS = 1000;

/** Learns what is normal for a sensor signal and watches it. */
export const anomalyTiny: SensorStageKind<AnomalyTinySpec> = {
  kind: 'anomaly-tiny',
  by: 'name',
  async plan({ config, source, stateDir }) {
    const { thresholds, falseAlarmsPerDay, features, rowSeconds, learnSeconds, normal, summary } = config;
    return {
      kind: 'anomaly-tiny',
      name: 'anomaly-tiny',
      thresholds,
      falseAlarmsPerDay,
      state: stateDir === null ? null : anomalyStatePath(stateDir, source),
      features,
      rowSeconds,
      learnSeconds,
      normal,
      maxAlarmSeconds: config.track.maxSeconds,
      summary,
      budgetMs: BUDGET_MS,
    };
  },
  async create(spec) {
    const { AnomalyTiny, anomalyStore } = await import('./anomaly-tiny.js');
    const store = anomalyStore(spec.state);
    if (spec.normal !== null) await (await import('./teach.js')).teach(spec.normal, spec, store);
    return new AnomalyTiny(spec, store);
  },
};

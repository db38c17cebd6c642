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
      timeZone: config.timeZone,
      limits: config.limits,
      learnSeconds,
      normal,
      maxAlarmSeconds: config.track.maxSeconds,
      summary,
      budgetMs: BUDGET_MS,
    };
  },
  async create(spec, { openRecording }) {
    const { AnomalyTiny, anomalyStore } = await import('./anomaly-tiny.js');
    const store = anomalyStore(spec.state);
    if (spec.normal !== null) {
      const { teach } = await import('./teach.js');
      await teach(spec.normal, spec, store, openRecording);
    }
    return new AnomalyTiny(spec, store);
  },
};

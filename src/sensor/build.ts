import { join } from 'node:path';
import type { BuiltCascade, CascadeEdges, CascadePlace } from '../core/cascade/assembly.js';
import { Cascade } from '../core/cascade/cascade.js';
import { settleNothing } from '../core/cascade/settle.js';
import type { Stage } from '../core/cascade/stage.js';
import type { StageDescription } from '../core/metering/telemetry.js';
import type { SensorConfig } from './config.js';
import { AnomalyHeavy } from './heavy.js';
import { MemoryFaultStore } from './normal/faults.js';
import { sensorProfile } from './profile.js';
import {
  type AnomalyHeavySpec,
  type AnomalyTinySpec,
  anomalyHeavySpecSchema,
  anomalyTinySpecSchema,
} from './spec.js';
import { teach } from './teach.js';
import { AnomalyTiny, anomalyStore } from './tiny.js';

/** Builds a sensor cascade. What it learns is kept in a file where the spec names a folder for it, else in memory. */
export async function buildSensor(
  { source, ids = source, run, stateDir, folder = '.' }: CascadePlace,
  config: SensorConfig,
  edges: CascadeEdges,
): Promise<BuiltCascade> {
  const state = stateDir === undefined ? null : anomalyStatePath(stateDir, source);
  const { tiny, heavy } = await sensorStages(config, state, folder, edges);
  const cascade = new Cascade((signal) => sensorProfile(config, signal), {
    ...edges,
    source,
    ids,
    run,
    tiny,
    heavy,
    recogniser: null,
    endpointer: null,
    settle: settleNothing,
  });
  const { thresholds } = config;
  const stages: StageDescription[] = [{ role: 'tiny', stage: tiny.name, thresholds }];
  if (heavy !== null) stages.push({ role: 'heavy', stage: heavy.name, thresholds: config.heavy.thresholds });
  return {
    cascade,
    stages,
    dispose: async () => {
      await tiny.dispose();
      await heavy?.dispose();
    },
  };
}

/** The file in which a source's normal running is kept. */
export function anomalyStatePath(stateDir: string, source: string): string {
  return join(stateDir, 'anomaly', `${source}.json`);
}

async function sensorStages(
  config: SensorConfig,
  state: string | null,
  folder: string,
  edges: CascadeEdges,
): Promise<{ readonly tiny: AnomalyTiny; readonly heavy: Stage | null }> {
  const tinySpec = sensorTinySpec(config, state);
  const heavySpec = sensorHeavySpec(config, state);
  const store = anomalyStore(state);
  if (config.normal !== null) await teach(config.normal, folder, config, store);
  if (state !== null) {
    const heavy = config.heavy.enabled ? await edges.stages.heavy(heavySpec) : null;
    return { tiny: new AnomalyTiny(tinySpec, store), heavy };
  }
  // Without a file the two stages share their memory, so both live here.
  return {
    tiny: new AnomalyTiny(tinySpec, store),
    heavy: config.heavy.enabled ? new AnomalyHeavy(heavySpec, store, new MemoryFaultStore()) : null,
  };
}

function sensorTinySpec(config: SensorConfig, state: string | null): AnomalyTinySpec {
  const { thresholds, falseAlarmsPerDay, features, rowSeconds, learnSeconds, summary } = config;
  return anomalyTinySpecSchema.parse({
    kind: 'anomaly-tiny',
    thresholds,
    falseAlarmsPerDay,
    state,
    features,
    rowSeconds,
    learnSeconds,
    recording: config.normal?.from ?? null,
    maxAlarmSeconds: config.track.maxHours * 3600,
    summary,
  });
}

function sensorHeavySpec(config: SensorConfig, state: string | null): AnomalyHeavySpec {
  const { heavy, falseAlarmsPerDay } = config;
  return anomalyHeavySpecSchema.parse({
    kind: 'anomaly-heavy',
    thresholds: heavy.thresholds,
    falseAlarmsPerDay,
    state,
    budgetMs: heavy.budgetMs,
  });
}

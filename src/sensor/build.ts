import type { BuiltCascade, CascadeEdges, CascadePlace, StageSpec } from '../core/cascade/assembly.js';
import { Cascade } from '../core/cascade/cascade.js';
import { settleNothing } from '../core/cascade/settle.js';
import type { StageDescription } from '../core/metering/telemetry.js';
import type { SensorConfig } from './config.js';
import type { SensorPlan } from './plan.js';
import { sensorProfile } from './profile.js';

/** Builds a sensor cascade of its plan. */
export async function buildSensor(
  { source, ids = source, run }: CascadePlace,
  config: SensorConfig,
  plan: SensorPlan,
  edges: CascadeEdges,
): Promise<BuiltCascade> {
  const tiny = await edges.stages.here(plan.tiny);
  const elsewhere = (spec: StageSpec) =>
    plan.keepsState || spec.remote !== undefined ? edges.stages.heavy(spec) : edges.stages.here(spec, tiny);
  const heavy = plan.heavy === null ? null : await elsewhere(plan.heavy);
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

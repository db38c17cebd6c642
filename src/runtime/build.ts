import type { BuiltCascade, CascadeEdges, StageHost } from '../core/cascade/assembly.js';
import { neverTimer } from '../core/clock.js';
import { nullMeter } from '../core/metering/meter.js';
import type { VoicePlace } from '../voice/build.js';
import type { CascadeConfig } from './config.js';
import { systemClock } from './process/system-clock.js';
import { createRecogniser, createStage } from './stages.js';

/** A cascade as serialisable data, so that a worker can be given it. */
export interface CascadeSpec extends VoicePlace {
  readonly cascade: CascadeConfig;
}

/** Every stage in this process, awake all the time. */
export const stagesHere: StageHost = {
  tiny: createStage,
  heavy: createStage,
  stream: createStage,
  recogniser: createRecogniser,
};

/** Edges of a cascade alone in this process: nothing leaves it, nothing is measured, and no stage has a budget. */
export function quietEdges(emit: CascadeEdges['emit']): CascadeEdges {
  return {
    stages: stagesHere,
    uplink: { prepare: () => {}, offer: () => {} },
    otherSources: () => [],
    cloudAway: () => false,
    emit,
    telemetry: null,
    meter: nullMeter,
    clock: systemClock,
    timer: neverTimer,
  };
}

/**
 * Builds a cascade from its configuration, loading the models of the stages that are always on. The one
 * construction path of live sources and replays.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE` when tiny cannot be had.
 */
export async function buildCascade(spec: CascadeSpec, edges: CascadeEdges): Promise<BuiltCascade> {
  const { cascade: config } = spec;
  switch (config.kind) {
    case 'voice':
      return (await import('../voice/build.js')).buildVoice(spec, config, edges);
    case 'sensor':
      return (await import('../sensor/build.js')).buildSensor(spec, config, edges);
  }
}

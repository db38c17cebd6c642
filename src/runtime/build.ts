import type { BuiltCascade, CascadeEdges, StageHost } from '../core/cascade/assembly.js';
import { neverTimer } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import { nullMeter } from '../core/metering/meter.js';
import type { StageDescription } from '../core/metering/telemetry.js';
import type { SensorConfig } from '../sensor/config.js';
import type { SensorPlan } from '../sensor/plan.js';
import type { VoicePlace } from '../voice/build.js';
import type { VoiceConfig } from '../voice/config.js';
import type { VoicePlan } from '../voice/plan.js';
import type { Config } from './config.js';
import { systemClock } from './process/system-clock.js';
import { createRecogniser, createStage } from './stages.js';

/** A cascade as serialisable data, so that a worker can be given it and does without schemas. */
export type CascadePlan =
  | { readonly kind: 'voice'; readonly config: VoiceConfig; readonly stages: VoicePlan }
  | { readonly kind: 'sensor'; readonly config: SensorConfig; readonly stages: SensorPlan };

/** A cascade that may be given other words while it runs. */
export interface ChangeableCascade extends BuiltCascade {
  /**
   * As `BuiltVoice.exchange`.
   * @throws CatnapError `USAGE` where either is no voice cascade.
   */
  exchange(plan: CascadePlan): Promise<readonly StageDescription[]>;
}

/** Whether a cascade has a stage or recogniser that runs in the heavy process, or at workers of the house. */
export function asksHeavy(plan: CascadePlan): boolean {
  switch (plan.kind) {
    case 'voice': {
      const { heavy, endpointer, recogniser } = plan.stages;
      return heavy !== null || endpointer !== null || recogniser !== null;
    }
    case 'sensor': {
      const { heavy, keepsState } = plan.stages;
      return heavy !== null && (keepsState || heavy.remote !== undefined);
    }
  }
}

/** Whether what a source goes by, or may come to go by, asks the heavy process. */
export function mayAskHeavy({ cascades }: Pick<Config, 'cascades'>, plan: CascadePlan): boolean {
  const others = Object.values(cascades).filter(({ kind }) => kind === plan.kind);
  return asksHeavy(plan) || others.some(({ heavy }) => heavy.enabled);
}

/** Makes every stage in this process, loaded at once and kept. */
export const stagesHere: StageHost = {
  here: createStage,
  heavy: createStage,
  stream: createStage,
  recogniser: createRecogniser,
};

/** Surroundings of a cascade that is replayed or tested: no uplink, no other sources, no meter, no deadlines. */
export function quietEdges(emit: CascadeEdges['emit']): CascadeEdges {
  return {
    stages: stagesHere,
    uplink: { prepare: () => {}, offer: () => {} },
    otherSources: () => [],
    cloudAway: () => false,
    company: null,
    emit,
    telemetry: null,
    meter: nullMeter,
    clock: systemClock,
    timer: neverTimer,
  };
}

/**
 * Builds a cascade from its plan, for live sources and replays alike, and loads the models of the stages that are
 * always on.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE` when tiny cannot be had.
 */
export async function buildCascade(
  place: VoicePlace,
  { kind, config, stages }: CascadePlan,
  edges: CascadeEdges,
): Promise<ChangeableCascade> {
  switch (kind) {
    case 'voice': {
      const built = await (await import('../voice/build.js')).buildVoice(place, config, stages, edges);
      return {
        ...built,
        exchange: (plan) => (plan.kind === 'voice' ? built.exchange(plan.config, plan.stages) : refused()),
      };
    }
    case 'sensor': {
      const built = await (await import('../sensor/build.js')).buildSensor(place, config, stages, edges);
      return { ...built, exchange: refused };
    }
  }
}

async function refused(): Promise<never> {
  throw new CatnapError('USAGE', 'expected the plan of a voice cascade for one that listens for words');
}

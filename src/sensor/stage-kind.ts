import type { StageSpec } from '../core/cascade/assembly.js';
import type { Stage } from '../core/cascade/stage.js';
import type { Source } from '../core/signal/frame.js';
import type { DeviceJudges } from '../learning/judges/device-judge.js';
import type { Planner } from '../models/kind.js';
import type { ModuleSpec } from '../own/own-stage.js';
import type { SensorConfig } from './config.js';

/**
 * The specs of every kind of tiny for sensors, by the kind's name. Each kind adds its own where it stands, so that one
 * that is left out of the table in `runtime/stages.ts` does not compile.
 */
export interface SensorTinySpecs {
  module: ModuleSpec;
}

/** The specs of every kind of heavy for sensors, as {@link SensorTinySpecs}. */
export interface SensorHeavySpecs {
  module: ModuleSpec;
}

/** What is asked of a stage that watches sensors. */
export interface SensorStageRequest {
  readonly config: SensorConfig;
  readonly source: string;
  /** Folder for what is learnt; null: nothing is kept. */
  readonly stateDir: string | null;
}

/** What a stage that watches sensors is given of the world it is made in. */
export interface SensorStageEdges {
  /** Tiny, where heavy lives on the same thread, since nothing is kept on disk that it could be told by. */
  readonly beside?: Stage | undefined;
  /** Opens a recording by the kind of source that its name tells, which takes of the settings what it knows. */
  readonly openRecording: (
    path: string,
    id: string,
    settings: Readonly<Record<string, unknown>>,
  ) => Promise<Source>;
}

/** A kind of stage that watches sensors. */
export type SensorStageKind<Spec extends StageSpec> = Planner<SensorStageRequest, Spec> & {
  readonly kind: Spec['kind'];
  /** @throws CatnapError `STATE_INVALID`, `SOURCE_UNAVAILABLE`, `SOURCE_FORMAT` for what it was to learn from. */
  create(spec: Spec, edges: SensorStageEdges): Promise<Stage>;
};

/** The tables of kinds, as whoever plans is handed them. */
export interface SensorKinds {
  readonly tinies: Readonly<Record<string, SensorStageKind<StageSpec>>>;
  readonly heavies: Readonly<Record<string, SensorStageKind<StageSpec>>>;
  readonly judges: DeviceJudges;
}

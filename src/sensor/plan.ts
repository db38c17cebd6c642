import type { GivenStages, StageSpec } from '../core/cascade/assembly.js';
import { withRemote } from '../core/cascade/remote.js';
import { judgedBy } from '../learning/judges/plan-judge.js';
import { planChoice } from '../models/choose.js';
import type { SensorConfig } from './config.js';
import type { SensorKinds } from './stage-kind.js';

/** The stages of a sensor cascade as data. */
export interface SensorPlan {
  readonly tiny: StageSpec;
  /** Null: tiny is believed alone. */
  readonly heavy: StageSpec | null;
  /** What is learnt is kept on disk, so that heavy may live in another process than tiny. */
  readonly keepsState: boolean;
}

/** Where the stages of a sensor cascade keep what they learn. */
export interface SensorPlanPlace {
  readonly source: string;
  /** Null: nothing is kept. */
  readonly stateDir: string | null;
}

/**
 * Which stages a `sensor` cascade of the configuration names.
 * @throws CatnapError `CONFIG_INVALID` for a module that is none.
 */
export async function planSensor(
  config: SensorConfig,
  kinds: SensorKinds,
  place: SensorPlanPlace,
  given: GivenStages = {},
): Promise<SensorPlan> {
  const request = { config, ...place };
  const { tiny, heavy } = config;
  const looking = async () => given.heavy ?? (await planChoice(kinds.heavies, heavy.model, request));
  const judged = (stage: StageSpec) =>
    judgedBy(stage, heavy.judge, { other: null, thresholds: heavy.thresholds }, kinds.judges);
  return {
    tiny: given.tiny ?? (await planChoice(kinds.tinies, tiny.model, request)),
    heavy: heavy.enabled ? withRemote(judged(await looking()), heavy.remote, 'sensor') : null,
    keepsState: place.stateDir !== null,
  };
}

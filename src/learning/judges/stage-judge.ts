import type { Decision, Judgement, Window } from '../../core/cascade/stage.js';
import type { SettingFault, Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import type { Choice } from '../../models/kind.js';
import type { Opinion } from './opinion.js';

/** A judge of a stage as a configuration knows it; the rest of its settings is its kind's own. */
export interface StageJudgeConfig {
  readonly kind: string;
  /** Another model that is asked about the same window, of kinds that ask one. */
  readonly with?: Choice | null;
}

/** Further looks that a judge may ask for. What cannot be had abstains. */
export interface Looks {
  /** What the stage makes of the window without its last milliseconds. */
  earlier(ms: number): Promise<Decision>;
  /** What the other model makes of the window; null where there is none that knows the label. */
  other(): Promise<Decision | null>;
}

/** Says how sure a stage's decision is; the stage's thresholds are held to that. Never throws. */
export interface StageJudge {
  judge(decision: Judgement, window: Window, looks: Looks): Opinion | Promise<Opinion>;
}

/** What a judge is made from where the stage lives: its settings, and what was read for it. */
export type StageJudgeSpec = StageJudgeConfig;

/** What is at hand while a judge is planned. */
export interface StageJudgePlace {
  /** Reads a file that the settings name. */
  readonly read: (path: string) => string;
  /** Path of the learnt judge that ships with Catnap. */
  readonly shipped: string;
}

/** A kind of judge of a stage: its settings and its code. */
export interface StageJudgeKind<Config extends StageJudgeConfig, Spec extends StageJudgeSpec = Config> {
  readonly kind: Config['kind'];
  /** Signals whose heavy stage it can judge. */
  readonly signals: readonly ('voice' | 'sensor')[];
  /** The settings, for a configuration. */
  schema(z: Zod): z.ZodType<Config>;
  /** The same settings with relative paths found by `resolve`. */
  from?(resolve: (path: string) => string, config: Config): Config;
  /** What is wrong with the settings on this machine, whenever they are tried. */
  faults?(config: Config, place: StageJudgePlace): readonly SettingFault[];
  /**
   * Plain data for a thread that loads no schemas; left out, the settings are that.
   * @throws CatnapError `CONFIG_INVALID` for a file that cannot be read or is another one.
   */
  plan?(config: Config, place: StageJudgePlace): Spec;
  create(spec: Spec): StageJudge;
}

/** Kinds by their names, whatever their settings. */
export type StageJudgeKinds = Readonly<Record<string, StageJudgeKind<StageJudgeConfig>>>;

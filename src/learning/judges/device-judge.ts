import type { SettingFault, Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import type { Choice } from '../../models/kind.js';

/** A judge on the device as a configuration knows it; the rest of its settings is its kind's own. */
export interface JudgeSettings {
  readonly kind: string;
  /** Another model that is asked about the same window, of kinds that ask one. */
  readonly with?: Choice | null;
}

/** What is at hand while a judge is planned. */
export interface JudgePlace {
  /** Reads a file that the settings name. */
  readonly read: (path: string) => string;
  /** Path of the learnt judge that ships with Catnap. */
  readonly shipped: string;
}

/** What every kind of judge on the device says of its settings, whatever it judges. */
export interface DeviceJudgeKind<Config extends JudgeSettings, Spec extends JudgeSettings = Config> {
  readonly kind: Config['kind'];
  /** The settings, for a configuration. */
  schema(z: Zod): z.ZodType<Config>;
  /** The same settings with relative paths found by `resolve`. */
  from?(resolve: (path: string) => string, config: Config): Config;
  /** What is wrong with the settings on this machine, whenever they are tried. */
  faults?(config: Config, place: JudgePlace): readonly SettingFault[];
  /**
   * Plain data for a thread that loads no schemas; left out, the settings are that.
   * @throws CatnapError `CONFIG_INVALID` for a file that cannot be read or is another one.
   */
  plan?(config: Config, place: JudgePlace): Spec;
}

/** Kinds by their names, whatever their settings. */
type Kinds = Readonly<Record<string, DeviceJudgeKind<JudgeSettings>>>;

/** The judges that a cascade may name for one of its parts, as whoever plans is handed them. */
export interface DeviceJudges {
  readonly kinds: Kinds;
  readonly place: JudgePlace;
}

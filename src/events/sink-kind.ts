import type { Timer } from '../core/clock.js';
import type { Sink } from '../core/events/events.js';
import type { Finding } from '../core/finding.js';
import type { SettingFault, Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';

/** Where a sink stands. */
export interface SinkPlace {
  /** What relative paths are relative to. */
  readonly folder: string;
}

/** What a sink is given of the world it is opened in. */
export interface SinkEdges extends SinkPlace {
  readonly timer: Timer;
  /** Told what goes wrong once it runs; nothing else stops for it. */
  readonly onError: (error: unknown) => void;
}

/** A kind of sink: its settings, its code and what `catnap doctor` looks at. */
export interface SinkKind<Config extends { readonly kind: string }> {
  readonly kind: Config['kind'];
  /** The settings, for a configuration. */
  schema(z: Zod): z.ZodType<Config>;
  /**
   * Opens the sink.
   * @throws CatnapError `OUTPUT_UNWRITABLE`, `CONFIG_INVALID`.
   */
  open(config: Config, edges: SinkEdges): Promise<Sink>;
  /** What is wrong with the settings on this machine, whenever they are tried; looked at with every configuration. */
  faults?(config: Config, place: SinkPlace): readonly SettingFault[];
  /** What this sink needs of the machine; without it, nothing. */
  check?(config: Config, place: SinkPlace): Promise<Finding>;
}

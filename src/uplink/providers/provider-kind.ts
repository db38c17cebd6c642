import type { Finding } from '../../core/finding.js';
import type { Answered, Ask, SettingFault, Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import type { WayOut } from '../../egress/way-out.js';
import type { DialOptions } from './connection.js';
import type { Tool } from './prompt.js';
import type { Provider } from './provider.js';
import type { ProviderConfig } from './settings.js';

/** Where a provider stands. */
export interface ProviderPlace {
  /** What relative paths are relative to. */
  readonly folder: string;
}

/** What every provider is told and given by the uplink. */
export interface ProviderEdges {
  /** How a connection is opened, and the one way out that it takes. */
  readonly dial: DialOptions;
  /** Instructions for what was said, and for what a sensor found. */
  readonly prompts: Readonly<Record<'voice' | 'sensor', string>>;
  /** JSON Schema that an answer must satisfy. */
  readonly answerSchema: Readonly<Record<string, unknown>>;
  /** What an answer may ask for. */
  readonly tools: readonly Tool[];
}

/**
 * A kind of provider: its settings, its code, what `catnap doctor` looks at and what `catnap init` asks. What loads
 * libraries stands in modules of its own, imported when it is called.
 */
export interface ProviderKind<Config extends ProviderConfig> {
  readonly kind: Config['kind'];
  /** The settings, for a configuration. */
  schema(z: Zod): z.ZodType<Config>;
  /** What is wrong with the settings on this machine, whenever they are tried; looked at with every configuration. */
  faults?(config: Config, place: ProviderPlace): readonly SettingFault[];
  /** Makes the provider; opens no connection. Throws `CONFIG_INVALID` for what the schema could not see. */
  create(config: Config, edges: ProviderEdges & ProviderPlace): Promise<Provider>;
  /** Whether it can be asked from here; without it, nobody knows. */
  check?(config: Config, place: ProviderPlace, wayOut: Pick<WayOut, 'leave'>): Promise<Finding>;
  /** Asks what `catnap init` has to know; its id is the provider's name. */
  question?(ask: Ask): Promise<Answered>;
}

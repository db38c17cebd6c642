import type { Finding } from '../core/finding.js';
import type { SettingFault, Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import type { AuditEdges } from '../egress/audited.js';
import type { Broker } from '../egress/broker.js';
import type { Passage, Passed, WayOut } from '../egress/way-out.js';
import type { Fields, Slots } from './placeholders.js';

/** An action as whoever names one carries it; its settings are its kind's own. */
export interface ActionConfig {
  readonly kind: string;
}

/** What is to be done, and for which detection. */
export interface ActionRequest<Config extends ActionConfig = ActionConfig> {
  readonly detection: string;
  /** Name of the intent, or of the action an answer asked for. */
  readonly name: string;
  readonly action: Config;
  readonly slots: Slots;
  readonly fields: Fields;
}

/** All that `{name}` in a text may stand for. A field cannot be replaced by a slot, which an answer may have named. */
export function valuesOf({ slots, fields }: Pick<ActionRequest, 'slots' | 'fields'>): Slots {
  return { ...slots, ...fields };
}

/** What is known of a request, as JSON: the message where the settings name none. */
export function messageOf({ detection, slots, fields }: ActionRequest): string {
  return JSON.stringify({ ...fields, slots, detection });
}

/** A message of an action, as the audit knows it. */
export function auditOf(
  { detection, name }: ActionRequest,
  passage: Passage,
): Pick<Passed, 'detection' | 'rule' | 'passage'> {
  return { detection, rule: `action ${name}`, passage };
}

/** Where an action stands. */
export interface ActionPlace {
  /** Broker that messages go to; null: there is none. */
  readonly mqttUrl: string | null;
  /** What relative paths are relative to. */
  readonly folder: string;
  /** Ids of the configuration's sources. */
  readonly sources: readonly string[];
}

/** What an action is given of the world that it acts on. */
export interface ActionEdges extends AuditEdges {
  /** All that leaves the device leaves through it. */
  readonly wayOut: Pick<WayOut, 'leave'>;
  /** The broker of `mqtt` actions. */
  readonly broker: Broker;
  /** Sends a text command to the board of a serial source; rejects when it was not taken. */
  readonly sendToBoard: (source: string, command: string) => Promise<void>;
}

/** What an action comes to with its slots filled in. */
export interface Plan {
  readonly what: string;
  /** Does it; rejects when that fails. Null: with the event all is done. */
  readonly act: ((signal: AbortSignal) => Promise<void>) | null;
}

/**
 * A kind of action: its settings, its code and what `catnap doctor` looks at. `{slot}` in any text of the settings
 * stands for a value. Large libraries are imported when they are needed.
 */
export interface ActionKind<Config extends ActionConfig> {
  readonly kind: Config['kind'];
  /** The settings, for a configuration. */
  schema(z: Zod): z.ZodType<Config>;
  /** What is wrong with the settings on this machine, whenever they are tried; looked at with every configuration. */
  faults?(action: Config, place: ActionPlace): readonly SettingFault[];
  /** Fills in the slots; does nothing yet. Throws `USAGE` for a value that does not fit its place. */
  plan(request: ActionRequest<Config>, place: ActionPlace, edges: ActionEdges): Plan | Promise<Plan>;
  /** Looks at the start whether it could be done at all. Throws `CONFIG_INVALID` for what the schema cannot see. */
  ready?(action: Config, place: ActionPlace): Promise<void>;
  /** What this action needs of the machine or the network; without it, nothing. */
  check?(action: Config, place: ActionPlace, wayOut: Pick<WayOut, 'leave'>): Promise<Finding>;
}

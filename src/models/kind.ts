import type { Check, Finding } from '../core/finding.js';
import type { SettingFault, SettingsSchema, Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import type { Model } from './manifest.js';

/** What a configuration says of a kind that has settings of its own. */
export interface KindSettings {
  readonly kind: string;
}

/** How a configuration names a stage: by kind, shipped model, path of a manifest, or settings of its kind. */
export type Choice = string | KindSettings;

interface Described {
  /** What it brings along that can be looked at without a configuration. */
  readonly checks?: readonly Check[];
}

/**
 * How a kind makes its plan, plain data from which a thread or process without schemas builds the stage: of a manifest
 * that names the kind, of nothing but its own name where its model comes with it, or of settings that it describes.
 * What is asked of it besides is the `Request`.
 */
export type Planner<Request, Planned> = Described &
  (
    | { readonly by: 'manifest'; plan(request: Request, model: Model): Promise<Planned> }
    | { readonly by: 'name'; plan(request: Request): Promise<Planned> }
    | {
        readonly by: 'settings';
        schema(z: Zod): SettingsSchema<KindSettings>;
        plan(request: Request, settings: KindSettings): Promise<Planned>;
        /** The same settings with relative paths found from `folder`. */
        from?(folder: string, settings: KindSettings): KindSettings;
        /** Words it can report by these settings, whose files are there; left out where nobody knows. */
        words?(settings: KindSettings): readonly string[];
        /** What is wrong with the settings on this machine, whenever they are tried. */
        faults?(folder: string, settings: KindSettings): readonly SettingFault[];
        /** Asks what the settings name beside this program, for `catnap doctor`. */
        look?(settings: KindSettings): Promise<Finding>;
      }
  );

/** Kinds by their names, whatever they plan. */
export type Planners = Readonly<Record<string, Planner<never, unknown>>>;

/** The kinds of a table that are asked for by their name alone. */
export function namedKinds(table: Planners): readonly string[] {
  return Object.keys(table).filter((kind) => table[kind]?.by === 'name');
}

/** Schema of what names a kind: `text`, or the settings of a kind that has some. */
export function choiceSchema<Text extends z.ZodType<string>>(
  z: Zod,
  text: Text,
  table: Planners,
): z.ZodType<Choice> {
  const [first, ...others] = Object.values(table).flatMap((planner) =>
    planner.by === 'settings' ? [planner.schema(z)] : [],
  );
  return first === undefined ? text : z.union([text, z.discriminatedUnion('kind', [first, ...others])]);
}

/** A choice with its relative paths found from `folder`. */
export function choiceFrom(folder: string, choice: Choice, table: Planners): Choice {
  if (typeof choice === 'string') return choice;
  const planner = table[choice.kind];
  return planner?.by === 'settings' ? (planner.from?.(folder, choice) ?? choice) : choice;
}

/** A choice that stands at `path` of a cascade's settings, and the table that it is made from. */
export interface PlacedChoice {
  readonly path: readonly PropertyKey[];
  readonly choice: Choice;
  readonly table: Planners;
}

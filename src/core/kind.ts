import type * as z from './zod.js';

/**
 * Zod, as a kind's `schema` is handed it: a thread that only makes things of what another has checked imports the
 * kinds and loads no schemas.
 */
export type Zod = typeof z;

/** Schema of a kind's settings, told from those of other kinds by its `kind`. */
export type SettingsSchema<Settings> = z.ZodType<Settings> & z.core.$ZodTypeDiscriminable;

/** Asks a person one thing; an empty answer is `fallback`. */
export type Ask = (text: string, fallback: string) => Promise<string>;

/** What is wrong with a setting on this machine, for good: where it stands below its kind's settings, and what. */
export interface SettingFault {
  readonly path: readonly PropertyKey[];
  /** What was expected and found. */
  readonly message: string;
  /** A name that is not known, and those that are: the nearest is told with it. */
  readonly among?: { readonly found: string; readonly known: readonly string[] };
}

/** The same faults, told from further up: by where they stand below what holds the settings at `path`. */
export function faultsBelow(
  path: SettingFault['path'],
  faults: readonly SettingFault[] = [],
): readonly SettingFault[] {
  return faults.map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
}

/** The kinds of one sort of thing, each under its own name: one that is misnamed does not compile. */
export function tableOf<Table extends { readonly [Kind in keyof Table]: { readonly kind: Kind } }>(
  kinds: Table,
): Table {
  return kinds;
}

/** What `catnap init` writes of a thing it asked about. */
export interface Answered {
  readonly id: string;
  /** What was answered, by the name of the setting. */
  readonly settings: Readonly<Record<string, string>>;
  /** What to know of a setting, written behind it. */
  readonly notes?: Readonly<Record<string, string>>;
}

/** Schema of one of several kinds: its word, for all defaults, or its settings. */
export function wordOrSettings<Settings extends { readonly kind: string }, Word extends string>(
  z: Zod,
  kinds: Readonly<Record<Word, { schema(z: Zod): z.ZodType }>>,
) {
  const words = Object.keys(kinds) as [Word, ...Word[]];
  const [first, ...others] = words.map(
    (word) => kinds[word].schema(z) as unknown as SettingsSchema<Settings>,
  );
  if (first === undefined) throw new Error('expected at least one kind');
  const settings: z.ZodType<Settings> = z.discriminatedUnion('kind', [first, ...others]);
  return z.union([z.enum(words).transform((kind): Settings => settings.parse({ kind })), settings]);
}

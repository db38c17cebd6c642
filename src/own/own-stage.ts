import { basename, extname, resolve } from 'node:path';
import type { StageSpec } from '../core/cascade/assembly.js';
import type { Recogniser, Stage } from '../core/cascade/stage.js';
import { CatnapError } from '../core/errors.js';
import type { SettingFault, SettingsSchema, Zod } from '../core/kind.js';
import type { Thresholds } from '../core/thresholds.js';
import { checkOptions, importOwn, type Own, ownSettings } from './load-own.js';
import { missingModule } from './missing.js';

/** What a module of one's own may know of the place that its stage takes. */
export interface OwnStagePlace {
  /** Its name in trails, that of the file: what it makes bears it. */
  readonly name: string;
  /** Wall time after which a decision is abandoned. */
  readonly budgetMs: number;
  /** Labels that the configuration wants reported; null: all. */
  readonly words: readonly string[] | null;
  /** The configuration's; null where it leaves them to the stage. */
  readonly thresholds: Thresholds | null;
  /** File that may be kept for what it learns, whose folder may not be there yet; null: nothing is to be kept. */
  readonly statePath: string | null;
}

/**
 * What a module of one's own exports as `stage`, for tiny or heavy of a voice or sensor cascade or for an end-pointer;
 * a function alone is its `create`.
 */
export interface OwnStage extends Own<Stage, OwnStagePlace> {
  /** Labels that a tiny of a voice cascade may report, for whoever wants to know; none when left out. */
  readonly words?: readonly string[];
  /** What a stage of a voice cascade brings along that a configuration may leave to it; defaults where left out. */
  readonly traits?: {
    readonly hopSamples?: number;
    readonly debounceHops?: number;
    readonly contextMs?: number;
    readonly tailMs?: number;
    readonly againMs?: number | null;
  };
}

/** What a module of one's own exports as `recogniser`; a function alone is its `create`. */
export type OwnRecogniser = Own<Recogniser, OwnStagePlace>;

/** Settings of a stage or recogniser from a module of one's own. */
export interface ModuleSettings {
  readonly kind: 'module';
  readonly path: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** The same as data, for the thread or process that it is to live in. */
export interface ModuleSpec extends StageSpec, OwnStagePlace {
  readonly kind: 'module';
  readonly path: string;
  readonly options: unknown;
}

/** What every kind that stands for a module has in common. */
export const moduleKind = {
  kind: 'module',
  by: 'settings',
  schema: (z: Zod): SettingsSchema<ModuleSettings> =>
    z.strictObject({ kind: z.literal('module').describe('One of your own.'), ...ownSettings(z) }),
  from: (folder: string, settings: ModuleSettings): ModuleSettings => ({
    ...settings,
    path: resolve(folder, settings.path),
  }),
  faults: (folder: string, { path }: ModuleSettings): readonly SettingFault[] => missingModule(folder, path),
} as const;

/**
 * Imports a module of one's own and checks the options that it is given.
 * @returns its spec, and what it says of itself.
 * @throws CatnapError `CONFIG_INVALID` when it cannot be imported, exports nothing of that name, or refuses the
 * options.
 */
export async function planModule(
  settings: ModuleSettings,
  exported: 'stage' | 'recogniser',
  place: Omit<OwnStagePlace, 'name'>,
): Promise<{ readonly spec: ModuleSpec; readonly about: OwnStage }> {
  const path = resolve(settings.path);
  const about: OwnStage = await importOwn(path, exported);
  const options = await checkOptions(about, path, settings.options);
  return { spec: { ...place, kind: 'module', name: basename(path, extname(path)), path, options }, about };
}

/**
 * Builds the stage that a module of one's own exports.
 * @throws CatnapError `CONFIG_INVALID` when what it makes is none, `STAGE_UNAVAILABLE` when it cannot make it.
 */
export async function createOwnStage(spec: ModuleSpec): Promise<Stage> {
  return made<Stage>(spec, 'stage', ['decide', 'reset', 'dispose']);
}

/**
 * Builds the recogniser that a module of one's own exports.
 * @throws CatnapError as {@link createOwnStage}.
 */
export async function createOwnRecogniser(spec: ModuleSpec): Promise<Recogniser> {
  return made<Recogniser>(spec, 'recogniser', ['recognise', 'dispose']);
}

async function made<Made extends { readonly name: string }>(
  spec: ModuleSpec,
  exported: 'stage' | 'recogniser',
  methods: readonly (keyof Made & string)[],
): Promise<Made> {
  const own = await importOwn<Made, OwnStagePlace>(spec.path, exported);
  const thing = await attempted(own, spec);
  const lacking = methods.find((method) => typeof thing?.[method] !== 'function');
  const what = `module ${spec.path}: expected what "${exported}" makes to have`;
  if (lacking !== undefined) throw new CatnapError('CONFIG_INVALID', `${what} "${lacking}", found none`);
  if (thing.name === spec.name) return thing;
  throw new CatnapError('CONFIG_INVALID', `${what} the name "${spec.name}", found "${thing.name}"`);
}

async function attempted<Made>(own: Own<Made, OwnStagePlace>, spec: ModuleSpec): Promise<Made> {
  try {
    return await own.create(spec.options, spec);
  } catch (cause) {
    if (cause instanceof CatnapError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CatnapError('STAGE_UNAVAILABLE', `module ${spec.path}: ${why}`, { cause });
  }
}

import { CatnapError, codeOf } from '../core/errors.js';
import type { Check } from '../core/finding.js';
import { faultsBelow, type SettingFault } from '../core/kind.js';
import type { Choice, PlacedChoice, Planner, Planners } from './kind.js';
import { loadManifest, type Model, manifestPath } from './manifest.js';

/**
 * Has the kind that `choice` names make its plan.
 * @param table the kinds that may be asked.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`; `MODEL_SHAPE` for a model of a kind that is not in the table;
 * what the kind throws.
 */
export async function planChoice<Request, Planned>(
  table: Readonly<Record<string, Planner<Request, Planned>>>,
  choice: Choice,
  request: Request,
): Promise<Planned> {
  const named = own(table, typeof choice === 'string' ? choice : choice.kind);
  if (typeof choice !== 'string') {
    if (named?.by === 'settings') return named.plan(request, choice);
    throw new CatnapError('CONFIG_INVALID', `expected a kind with settings, found "${choice.kind}"`);
  }
  if (named?.by === 'name') return named.plan(request);
  const model = loadManifest(manifestPath(choice));
  return byManifest(table, choice, model).plan(request, model);
}

function byManifest<Table extends Planners>(
  table: Table,
  choice: string,
  { manifest: { kind } }: Model,
): Extract<Table[string], { by: 'manifest' }> {
  const found = own(table, kind);
  if (found?.by === 'manifest') return found as Extract<Table[string], { by: 'manifest' }>;
  const kinds = Object.keys(table).filter((each) => table[each]?.by === 'manifest');
  throw new CatnapError(
    'MODEL_SHAPE',
    `model ${choice}: expected one of kind ${kinds.join(' or ')}, found kind ${kind}`,
  );
}

/**
 * The manifest that `choice` names, where it names one of a kind of `table`; null for a kind that has none.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`; `MODEL_SHAPE` for a model of a kind that is not in the table.
 */
export function modelChosen(table: Planners, choice: Choice): Model | null {
  if (typeof choice !== 'string' || own(table, choice)?.by === 'name') return null;
  const model = loadManifest(manifestPath(choice));
  byManifest(table, choice, model);
  return model;
}

/** What is wrong with choices on this machine, by where each stands below the cascade's settings. */
export function faultsOf(folder: string, choices: readonly PlacedChoice[]): readonly SettingFault[] {
  return choices.flatMap(({ path, choice, table }) => {
    if (typeof choice === 'string') return faultsOfModel(choice, table).map((message) => ({ path, message }));
    const planner = table[choice.kind];
    const faults = planner?.by === 'settings' ? (planner.faults?.(folder, choice) ?? []) : [];
    return faultsBelow(path, faults);
  });
}

/** What there is to ask beside this program, by where each choice stands. */
export function looksOf(choices: readonly PlacedChoice[]): readonly Check[] {
  return choices.flatMap(({ path, choice, table }) => {
    const planner = typeof choice === 'string' ? undefined : table[choice.kind];
    if (typeof choice === 'string' || planner?.by !== 'settings' || planner.look === undefined) return [];
    const { look } = planner;
    return [{ name: path.join('.'), run: () => look(choice) }];
  });
}

/** A model that is not there, or that can do something else; what is broken in one is told by whoever loads it. */
function faultsOfModel(choice: string, table: Planners): readonly string[] {
  try {
    modelChosen(table, choice);
    return [];
  } catch (error) {
    const code = codeOf(error, 'MODEL_CORRUPT');
    return code === 'MODEL_CORRUPT' || !(error instanceof Error) ? [] : [error.message];
  }
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

import { CatnapError } from '../core/errors.js';
import type { Choice, Planner } from './kind.js';
import { loadManifest, manifestPath } from './manifest.js';

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
  const { kind } = model.manifest;
  const found = own(table, kind);
  if (found?.by === 'manifest') return found.plan(request, model);
  const kinds = Object.keys(table).filter((each) => table[each]?.by === 'manifest');
  throw new CatnapError(
    'MODEL_SHAPE',
    `model ${choice}: expected one of kind ${kinds.join(' or ')}, found kind ${kind}`,
  );
}

function own<Value>(table: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

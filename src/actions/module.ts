import { resolve } from 'node:path';
import { CatnapError } from '../core/errors.js';
import { ok } from '../core/finding.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { loadOwn, ownSettings } from '../own/load-own.js';
import { missingModule } from '../own/missing.js';
import type { ActionEdges, ActionKind, ActionPlace, ActionRequest, Plan } from './action-kind.js';

const schema = (z: Zod) =>
  z
    .strictObject({ kind: z.literal('module'), ...ownSettings(z) })
    .describe('Does what a module of your own does.');

type ModuleAction = z.infer<ReturnType<typeof schema>>;

/** What a module of one's own makes, of its export `action`. */
export interface OwnAction {
  /** As of any kind of action. What leaves the device has to leave through the way out. */
  plan(request: Omit<ActionRequest, 'action'>, edges: ActionEdges): Plan | Promise<Plan>;
}

/** Does what a module of one's own does. */
export const module = {
  kind: 'module',
  schema,
  faults: ({ path }, { folder }) => missingModule(folder, path),
  async plan({ action, ...request }, place, edges) {
    return (await load(action, place)).plan(request, edges);
  },
  async ready(action, place) {
    await load(action, place);
  },
  async check(action, place) {
    await load(action, place);
    return ok(resolve(place.folder, action.path));
  },
} as const satisfies ActionKind<ModuleAction>;

async function load({ path, options }: ModuleAction, place: ActionPlace): Promise<OwnAction> {
  const whole = resolve(place.folder, path);
  const own = await (await loadOwn<OwnAction, ActionPlace>(whole, 'action', options))(place);
  if (typeof own?.plan === 'function') return own;
  throw new CatnapError(
    'CONFIG_INVALID',
    `module ${whole}: expected what it makes to have "plan", found none`,
  );
}

import { resolve } from 'node:path';
import { CatnapError } from '../../core/errors.js';
import { ok } from '../../core/finding.js';
import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { loadOwn, ownSettings } from '../../own/load-own.js';
import { missingModule } from '../../own/missing.js';
import type { Provider } from './provider.js';
import type { ProviderEdges, ProviderKind } from './provider-kind.js';
import { providerSettings } from './settings.js';

const schema = (z: Zod) =>
  z.strictObject({
    ...providerSettings(z),
    kind: z.literal('module').describe('A module of your own.'),
    ...ownSettings(z),
  });

type ModuleProvider = z.infer<ReturnType<typeof schema>>;

/**
 * What a module of one's own makes, of its export `provider`. What leaves the device has to leave through
 * `edges.dial.wayOut`.
 */
export type OwnProvider = Omit<Provider, 'name'>;

/** What the module's function is called with: what every provider gets, its name and the bound of its answers. */
export interface OwnProviderPlace extends ProviderEdges {
  readonly name: string;
  readonly maxOutputTokens: number;
}

/** A provider from a module of one's own. */
export const module = {
  kind: 'module',
  schema,
  faults: ({ path }, { folder }) => missingModule(folder, path),
  async create({ path, options, name, maxOutputTokens }, { folder, ...edges }) {
    const whole = resolve(folder, path);
    const make = await loadOwn<OwnProvider, OwnProviderPlace>(whole, 'provider', options);
    const made = await make({ ...edges, name, maxOutputTokens });
    if (typeof made?.open !== 'function') {
      throw new CatnapError(
        'CONFIG_INVALID',
        `module ${whole}: expected what it makes to have "open", found none`,
      );
    }
    const { secret } = made;
    return { name, open: (signal) => made.open(signal), ...(secret === undefined ? {} : { secret }) };
  },
  async check({ path, options }, { folder }) {
    const whole = resolve(folder, path);
    await loadOwn(whole, 'provider', options);
    return ok(whole);
  },
} as const satisfies ProviderKind<ModuleProvider>;

import { resolve } from 'node:path';
import { CatnapError } from '../../core/errors.js';
import { ok } from '../../core/finding.js';
import type { Zod } from '../../core/kind.js';
import type { Source } from '../../core/signal/frame.js';
import type * as z from '../../core/zod.js';
import { loadOwn, ownSettings } from '../../own/load-own.js';
import { missingModule } from '../../own/missing.js';
import { idSetting } from '../settings.js';
import type { OpenedSource, SourceEdges, SourceKind } from '../source-kind.js';

const schema = (z: Zod) =>
  z.strictObject({
    id: idSetting(z),
    kind: z.literal('module').describe('A source of your own.'),
    cascade: z.string().min(1).describe('Name of the cascade, below `cascades`, that watches this source.'),
    ...ownSettings(z),
  });

type ModuleConfig = z.infer<ReturnType<typeof schema>>;

/** What a module of one's own is told when it makes its source. */
export interface OwnSourcePlace extends SourceEdges {
  /** The source's id, which what it yields bears. */
  readonly id: string;
}

/**
 * What a module of one's own makes, of its export `source`: a source, which is opened again when it is lost, or a
 * source and how to treat it.
 */
export type OwnSource = Source | (Pick<OpenedSource, 'source'> & Partial<OpenedSource>);

/** A source from a module of one's own, which its worker loads. */
export const module = {
  kind: 'module',
  schema,
  faults: ({ path }, { folder }) => missingModule(folder, path),
  async open(config, edges) {
    const make = await load(config, edges.folder);
    return opened(await made(make, config, edges), config);
  },
  async check(config, { folder }) {
    await load(config, folder);
    return ok(resolve(folder, config.path));
  },
} as const satisfies SourceKind<ModuleConfig>;

type Make = (place: OwnSourcePlace) => OwnSource | Promise<OwnSource>;

async function load({ path, options }: ModuleConfig, folder: string): Promise<Make> {
  return loadOwn<OwnSource, OwnSourcePlace>(resolve(folder, path), 'source', options);
}

async function made(make: Make, { id, path }: ModuleConfig, edges: SourceEdges): Promise<OwnSource> {
  try {
    return await make({ ...edges, id });
  } catch (cause) {
    if (cause instanceof CatnapError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CatnapError('SOURCE_UNAVAILABLE', `source ${id}: ${path} cannot make it: ${why}`, { cause });
  }
}

function opened(own: OwnSource | undefined, { id, path }: ModuleConfig): OpenedSource {
  const given = own !== undefined && own !== null && 'source' in own ? own : { source: own };
  const { source, command = null, isDevice = true, title = path } = given as Partial<OpenedSource>;
  if (typeof source?.frames !== 'function') {
    throw new CatnapError(
      'CONFIG_INVALID',
      `source ${id}: expected what "source" of ${path} makes to have "frames", found none`,
    );
  }
  if (source.id !== id) {
    throw new CatnapError(
      'CONFIG_INVALID',
      `source ${id}: expected what "source" of ${path} makes to have the id "${id}", found "${source.id}"`,
    );
  }
  return { source, command, isDevice, title };
}

import { resolve } from 'node:path';
import type { Timer } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import type { Sink } from '../core/events/events.js';
import { ok } from '../core/finding.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { loadOwn, ownSettings } from '../own/load-own.js';
import { missingModule } from '../own/missing.js';
import type { SinkEdges, SinkKind } from './sink-kind.js';

const schema = (z: Zod) =>
  z.strictObject({
    kind: z.literal('module').describe('A sink of your own.'),
    ...ownSettings(z),
  });

type ModuleConfig = z.infer<ReturnType<typeof schema>>;

/** What a module of one's own makes, of its export `sink`. */
export type OwnSink = Pick<Sink, 'publish'> & Partial<Sink>;

/** A sink of one's own that has not closed by then is left behind. */
const CLOSE_MS = 1000;

/** A sink from a module of one's own, on the main thread. */
export const module = {
  kind: 'module',
  schema,
  faults: ({ path }, { folder }) => missingModule(folder, path),
  async open(config, edges) {
    const make = await load(config, edges.folder);
    const own: Partial<OwnSink> | undefined = await make(edges);
    if (typeof own?.publish === 'function') return guarded(own as OwnSink, config.path, edges);
    throw new CatnapError(
      'CONFIG_INVALID',
      `module ${config.path}: expected what "sink" makes to have "publish", found none`,
    );
  },
  async check(config, { folder }) {
    await load(config, folder);
    return ok(resolve(folder, config.path));
  },
} as const satisfies SinkKind<ModuleConfig>;

async function load({ path, options }: ModuleConfig, folder: string) {
  return loadOwn<OwnSink, SinkEdges>(resolve(folder, path), 'sink', options);
}

/** What a sink of one's own may do in spite of its contract: fail late, or never close. */
function guarded(own: OwnSink, path: string, { timer, onError }: SinkEdges): Sink {
  return {
    publish(event) {
      const late: unknown = own.publish(event);
      if (late instanceof Promise) late.catch(onError);
    },
    async close() {
      if (!(await within(CLOSE_MS, timer, Promise.resolve(own.close?.()))))
        onError(new CatnapError('INTERNAL', `${path}: expected to close in ${CLOSE_MS} ms, it did not`));
    },
  };
}

/** Whether `work` was done in time. */
async function within(ms: number, timer: Timer, work: Promise<void>): Promise<boolean> {
  let cancel = (): void => {};
  const late = new Promise<false>((resolve) => {
    cancel = timer(ms, () => resolve(false));
  });
  try {
    return await Promise.race([work.then(() => true as const), late]);
  } finally {
    cancel();
  }
}

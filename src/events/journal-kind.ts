import { resolve } from 'node:path';
import { CatnapError } from '../core/errors.js';
import type { Zod } from '../core/kind.js';
import type * as z from '../core/zod.js';
import { checkFolder } from './path-check.js';
import type { SinkKind } from './sink-kind.js';

const kept = (z: Zod) => ({
  maxEvents: z.int().positive().default(100_000).describe('Events kept; the oldest go first.'),
  flushMs: z.number().positive().default(2_000).describe('Events are written together, at most this late.'),
});

/** The `journal` section: which events are kept for `catnap events`. */
export const journalSection = (z: Zod) =>
  z.strictObject({ enabled: z.boolean().default(true).describe('Keep events on the disk.'), ...kept(z) });

const schema = (z: Zod) =>
  z.strictObject({
    kind: z.literal('journal').describe('One more journal, beside that of the `journal` section.'),
    folder: z.string().min(1).describe('Where it is kept, and nothing else; relative to this file.'),
    ...kept(z),
  });

/** Two journals would write over each other's segments. */
const openFolders = new Set<string>();

/** Events for later questions, the newest so many of them. */
export const journal = {
  kind: 'journal',
  schema,
  async open(config, { folder, timer, onError }) {
    const { openJournal } = await import('./journal.js');
    const whole = resolve(folder, config.folder);
    if (openFolders.has(whole))
      throw new CatnapError('CONFIG_INVALID', `${whole}: expected one journal there, found two`);
    openFolders.add(whole);
    const opened = openJournal({ ...config, folder: whole, timer, onError });
    return {
      publish: (event) => opened.publish(event),
      close: () => opened.close().finally(() => openFolders.delete(whole)),
    };
  },
  async check(config, { folder }) {
    return checkFolder(resolve(folder, config.folder));
  },
} as const satisfies SinkKind<z.infer<ReturnType<typeof schema>>>;

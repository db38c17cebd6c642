import { constants } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CatnapError } from '../../core/errors.js';
import { openLevelStore, type Store } from './store.js';

/** A running Catnap may remove a table between our listing and copying it. */
const ATTEMPTS = 5;

/**
 * Opens a copy of a store, so that it can be read while a running Catnap has it; tables are immutable and logs only
 * grow, so a copy is a valid state of it. Throws `STATE_INVALID` when there is none. `close` removes the copy.
 */
export async function openStoreCopy(location: string): Promise<Store> {
  const copy = await mkdtemp(join(tmpdir(), 'catnap-outbox-'));
  try {
    await copyStore(location, copy);
    const store = await openLevelStore(copy, () => {});
    return {
      write: (ops, durable) => store.write(ops, durable),
      get: (key) => store.get(key),
      range: (from, to, reverse) => store.range(from, to, reverse),
      counters: store.counters,
      async close() {
        await store.close();
        await rm(copy, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(copy, { recursive: true, force: true });
    throw error;
  }
}

async function copyStore(location: string, copy: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      // The manifest names the tables, so it comes first: what it names is there or the attempt fails.
      const names = (await readdir(location)).filter((name) => !/^(LOCK|LOG)/.test(name)).sort(manifestFirst);
      if (!names.includes('CURRENT')) break;
      for (const name of names)
        await copyFile(join(location, name), join(copy, name), constants.COPYFILE_FICLONE);
      return;
    } catch (cause) {
      if (attempt < ATTEMPTS && (cause as NodeJS.ErrnoException).code === 'ENOENT') continue;
      throw new CatnapError('STATE_INVALID', `${location}: cannot be read`, { cause });
    }
  }
  throw new CatnapError('STATE_INVALID', `${location}: expected a store, found none`);
}

function manifestFirst(a: string, b: string): number {
  const rank = (name: string) => (name === 'CURRENT' ? 0 : name.startsWith('MANIFEST') ? 1 : 2);
  return rank(a) - rank(b) || a.localeCompare(b);
}

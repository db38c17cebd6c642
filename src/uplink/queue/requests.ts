import { randomUUID } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { access, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '../../core/clock.js';
import { CatnapError } from '../../core/errors.js';
import { parseJson } from '../../core/json.js';
import { sleep } from '../../core/waiting.js';
import * as z from '../../core/zod.js';
import { makePrivateFolder } from '../../files/private-folder.js';
import { replaceFile } from '../../files/replace-file.js';

const requestSchema = z.strictObject({ command: z.enum(['retry', 'drop']), key: z.string().nullable() });

/** What a person asks of the outbox of a running Catnap. `key` null means all dead letters. */
export type OutboxRequest = z.infer<typeof requestSchema>;

const FOLDER = 'uplink-requests';
const POLL_MS = 50;
const MAX_WAIT_MS = 5_000;

/**
 * Carries out requests that are left as files below the state folder, as `catnap outbox` does when another process
 * has the store: no socket to open, none to guard. Returns what ends that.
 */
export async function serveRequests(
  stateDir: string,
  serve: (request: OutboxRequest) => Promise<void>,
): Promise<() => void> {
  const folder = join(stateDir, FOLDER);
  await makePrivateFolder(folder);
  let working: Promise<void> = Promise.resolve();
  const look = () => {
    working = working.then(() => serveAll(folder, serve)).catch(() => {});
  };
  const watcher: FSWatcher = watch(folder, look);
  watcher.on('error', () => {});
  watcher.unref();
  look();
  return () => watcher.close();
}

async function serveAll(folder: string, serve: (request: OutboxRequest) => Promise<void>): Promise<void> {
  for (const name of (await readdir(folder)).filter((entry) => entry.endsWith('.json')).sort()) {
    const file = join(folder, name);
    const request = requestSchema.safeParse(parseJson(await readFile(file, 'utf8')));
    if (request.success) await serve(request.data);
    await rm(file, { force: true });
  }
}

/** Leaves a request and waits until it was carried out. Throws `UPLINK_TIMEOUT` when nobody does. */
export async function leaveRequest(
  stateDir: string,
  request: OutboxRequest,
  { clock, timer }: { readonly clock: Pick<Clock, 'wallMs'>; readonly timer: Timer },
): Promise<void> {
  const file = join(stateDir, FOLDER, `${clock.wallMs()}-${randomUUID()}.json`);
  replaceFile(file, JSON.stringify(request));
  for (let waited = 0; waited < MAX_WAIT_MS; waited += POLL_MS) {
    await sleep(timer, POLL_MS);
    if (!(await exists(file))) return;
  }
  await rm(file, { force: true });
  throw new CatnapError('UPLINK_TIMEOUT', `${stateDir}: the running Catnap did not take the request`);
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}

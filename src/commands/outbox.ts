import { CatnapError } from '../core/errors.js';
import { systemClock, systemMachineClock, systemTimer } from '../runtime/process/system-clock.js';
import { auditRows, isSent } from '../uplink/accounts/audit.js';
import { Outbox, type OutboxTotals, readStored, readTotals } from '../uplink/queue/outbox.js';
import type { Stored } from '../uplink/queue/records.js';
import { leaveRequest, type OutboxRequest } from '../uplink/queue/requests.js';
import { SteadyClock } from '../uplink/queue/steady-clock.js';
import { openLevelStore, type Store } from '../uplink/queue/store.js';
import { openStoreCopy } from '../uplink/queue/store-copy.js';
import { UPLINK_STORE } from '../uplink/uplink.js';
import type { RegisterCommand } from './command.js';
import { keptIn, stateDirOf } from './state-dir.js';

interface Flags {
  readonly config?: string;
  readonly state?: string;
  readonly json: boolean;
}

/** `catnap outbox`: what waits for the cloud, and what the cloud will not have. */
export const registerOutbox: RegisterCommand = (program) => {
  const outbox = program
    .command('outbox')
    .description('look at what waits for the cloud and at the dead letters');
  const add = (name: string, description: string) =>
    outbox
      .command(name)
      .description(description)
      .option('--config <file>', 'configuration that names the state folder')
      .option('--state <folder>', 'state folder')
      .option('--json', 'print JSON Lines', false);
  add('list', 'list what waits, then the dead letters').action(list);
  add('stats', 'count what became of everything offered, and what that wrote to the disk').action(stats);
  add('retry', 'send dead letters again')
    .argument('[key]', 'the one with this key; all when left out')
    .action((key: string | undefined, flags: Flags) => change({ command: 'retry', key: key ?? null }, flags));
  add('drop', 'forget dead letters, or the escalation with a key')
    .argument('[key]', 'dead or waiting; all dead letters when left out')
    .action((key: string | undefined, flags: Flags) => change({ command: 'drop', key: key ?? null }, flags));
};

async function list(flags: Flags): Promise<void> {
  const location = keptIn(flags, UPLINK_STORE);
  const store = await openStoreCopy(location);
  try {
    const stored = await readStored(store);
    for (const one of stored)
      process.stdout.write(`${flags.json ? JSON.stringify(recordOf(one)) : lineOf(one)}\n`);
    if (stored.length === 0 && !flags.json)
      process.stdout.write('Nothing waits, and there are no dead letters.\n');
  } finally {
    await store.close();
  }
}

async function stats(flags: Flags): Promise<void> {
  const store = await openStoreCopy(keptIn(flags, UPLINK_STORE));
  try {
    const totals = await readTotals(store);
    const sent = await sentIn(store);
    if (flags.json) process.stdout.write(`${JSON.stringify(totals === null ? null : { ...totals, sent })}\n`);
    else process.stdout.write(totals === null ? 'Nothing was offered yet.\n' : statsOf(totals, sent));
  } finally {
    await store.close();
  }
}

/** Attempts on which something left for a provider, by the audit rows that are kept. */
async function sentIn(store: Store): Promise<number> {
  let sent = 0;
  for await (const row of auditRows(store, null, null)) if (isSent(row)) sent++;
  return sent;
}

function statsOf({ bytesWritten, ...counts }: OutboxTotals, sent: number): string {
  const perEvent = counts.offered === 0 ? 0 : bytesWritten / counts.offered;
  const lines = Object.entries({ ...counts, sent }).map(([name, count]) => `${name.padEnd(14)}${count}`);
  const wear = `${'written'.padEnd(14)}${bytesWritten} bytes, ${perEvent.toFixed(0)} an event, compaction not counted`;
  return `${[...lines, wear].join('\n')}\n`;
}

/** Never what was said: the outbox is looked at by whoever keeps the device, not only by whoever spoke. */
function recordOf({ waiting, death }: Stored) {
  const { key, source, priority, bytes, offeredAtMs } = waiting;
  return { key, source, priority, bytes, offered: new Date(offeredAtMs).toISOString(), death };
}

function lineOf(stored: Stored): string {
  const { key, source, priority, bytes, offered, death } = recordOf(stored);
  const state = death === null ? 'waits' : `dead: ${death.code} ${death.detail}`;
  return `${offered}  ${source}  priority ${priority}  ${bytes} bytes  ${key}  ${state}`;
}

async function change(request: OutboxRequest, flags: Flags): Promise<void> {
  const stateDir = stateDirOf(flags);
  const count = await changeStore(request, keptIn(flags, UPLINK_STORE)).catch(async (error: unknown) => {
    if (!(error instanceof CatnapError) || error.code !== 'STATE_INVALID') throw error;
    await leaveRequest(stateDir, request, { clock: systemClock, timer: systemTimer });
    return null;
  });
  const done = request.command === 'retry' ? 'put back into the queue' : 'dropped';
  const text = count === null ? `The running Catnap has ${done} what matched.` : `${count} ${done}.`;
  process.stdout.write(`${flags.json ? JSON.stringify({ ...request, count }) : text}\n`);
}

async function changeStore({ command, key }: OutboxRequest, location: string): Promise<number> {
  const store = await openLevelStore(location, () => {});
  try {
    const outbox = await Outbox.open(store, {
      limits: {
        maxBytes: Number.MAX_SAFE_INTEGER,
        maxCount: Number.MAX_SAFE_INTEGER,
        maxAgeMs: Number.MAX_VALUE,
      },
      maxDeadLetters: Number.MAX_SAFE_INTEGER,
      clock: systemClock,
      steady: await SteadyClock.open(store, systemMachineClock()),
      laterMs: 0,
      onLoss: () => {},
      onDamage: () => {},
    });
    return command === 'retry' ? await outbox.retry(key) : await outbox.drop(key);
  } finally {
    await store.close();
  }
}

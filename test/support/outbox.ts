import { systemMachineClock } from '../../src/runtime/process/system-clock.js';
import { Outbox, type OutboxOptions } from '../../src/uplink/queue/outbox.js';
import { SteadyClock } from '../../src/uplink/queue/steady-clock.js';
import { openLevelStore } from '../../src/uplink/queue/store.js';

/** What an outbox and its store told. */
interface Seen {
  readonly losses: string[];
  damaged: number;
  /** What the store said about damage. */
  readonly told: string[];
}

/** An outbox on the disk, with room for a hundred. */
export async function openOutbox(location: string, overrides: Partial<OutboxOptions> = {}) {
  const seen: Seen = { losses: [], damaged: 0, told: [] };
  const store = await openLevelStore(location, (detail) => seen.told.push(detail));
  const outbox = await Outbox.open(store, {
    limits: { maxBytes: 1024 * 1024, maxCount: 100, maxAgeMs: 60_000 },
    maxDeadLetters: 10,
    laterMs: 1_000,
    clock: { wallMs: () => 1_000 },
    steady: await SteadyClock.open(store, systemMachineClock()),
    onLoss: (waiting, reason) => seen.losses.push(`${waiting.key} ${reason}`),
    onDamage: (lost) => {
      seen.damaged += lost;
    },
    ...overrides,
  });
  return { outbox, store, seen };
}

/** Keys of everything in it, in order. */
export async function keysOf(outbox: Outbox): Promise<string[]> {
  return (await outbox.list()).map(({ waiting }) => waiting.key);
}

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CascadeEvent } from '../core/events/events.js';
import { Emulator } from '../emulator/emulator.js';
import { uplinkSchema } from '../runtime/config.js';
import { systemClock, systemSleep, systemTimer } from '../runtime/process/system-clock.js';
import { uplinkEdges } from '../runtime/uplink-edges.js';
import { createUplink } from '../uplink/uplink.js';
import { quantileOrNull } from './statistics.js';
import { faultEscalation } from './uplink-events.js';

/** What keeping an event costs, durable against in memory. */
export interface OutboxCost {
  readonly events: number;
  readonly offerMs: { readonly p50: number; readonly p99: number };
  readonly inMemoryOfferMs: { readonly p50: number; readonly p99: number };
  /** Handed to the disk for keeping and forgetting one event, as the store counts it. */
  readonly bytesPerEvent: number;
  /** Written to the device for it, as the kernel counts it; null where it does not. */
  readonly deviceBytesPerEvent: number | null;
  readonly eventBytes: number;
}

/** Milliseconds from the offer to the first piece of the answer. */
export interface FirstToken {
  readonly connectMs: number;
  readonly thinkMs: number;
  readonly rounds: number;
  readonly cold: { readonly p50: number; readonly p99: number };
  readonly speculative: { readonly p50: number; readonly p99: number };
  /** Connections that were opened and not used, and the bytes each cost. */
  readonly refusedSpeculations: number;
  readonly bytesPerRefusal: number;
}

/** Offers, delivers and forgets events, with the outbox on the disk and in memory. */
export async function measureOutbox(events: number): Promise<OutboxCost> {
  const stateDir = mkdtempSync(join(tmpdir(), 'catnap-bench-'));
  const emulator = await Emulator.start(systemTimer, { thinkMs: 0, wordMs: 0 });
  try {
    const inMemory = await offerAll(emulator.url, null, events, 'memory');
    const before = deviceBytes();
    const durable = await offerAll(emulator.url, stateDir, events, 'disk');
    const after = deviceBytes();
    return {
      events,
      offerMs: durable.offerMs,
      inMemoryOfferMs: inMemory.offerMs,
      bytesPerEvent: durable.bytesWritten / events,
      deviceBytesPerEvent: before === null || after === null ? null : (after - before) / events,
      eventBytes: Buffer.byteLength(JSON.stringify(faultEscalation(0))),
    };
  } finally {
    await emulator.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function offerAll(url: string, stateDir: string | null, events: number, run: string) {
  let answered = 0;
  const uplink = await createUplink(configOf(url), {
    publish: (event) => {
      if (event.type === 'verdict') answered++;
    },
    ...uplinkEdges('.'),
    run,
    stateDir,
  });
  const offers: number[] = [];
  for (let index = 0; index < events; index++) {
    const escalation = { ...faultEscalation(index), key: `${run}/${index}`, label: 'computer' };
    const startMs = systemClock.monotonicMs();
    await uplink.offer(escalation);
    offers.push(systemClock.monotonicMs() - startMs);
    // One at a time, as events come on a device: the next is offered when the last has been answered.
    while (answered <= index) await systemSleep(1);
  }
  const { bytesWritten } = uplink.stats().store;
  await uplink.close(5_000);
  return { offerMs: percentiles(offers), bytesWritten };
}

/** Offers with and without the connection being opened ahead, on a far end that is `connectMs` away. */
export async function measureFirstToken(
  connectMs: number,
  thinkMs: number,
  rounds: number,
): Promise<FirstToken> {
  const emulator = await Emulator.start(systemTimer, { connectMs, thinkMs, wordMs: 1 });
  const cold: number[] = [];
  const speculative: number[] = [];
  let refusedSpeculations = 0;
  let bytesRefused = 0;
  try {
    for (let round = 0; round < rounds; round++) {
      cold.push(await oneAnswer(emulator.url, round, 0));
      // Verification takes its time after tiny noticed; here twice as long as connecting.
      speculative.push(await oneAnswer(emulator.url, round, 2 * connectMs));
    }
    for (let round = 0; round < rounds / 10; round++) {
      const refused = await refuse(emulator.url, 2 * connectMs);
      refusedSpeculations += refused.wasted;
      bytesRefused += refused.bytes;
    }
  } finally {
    await emulator.close();
  }
  return {
    connectMs,
    thinkMs,
    rounds,
    cold: percentiles(cold),
    speculative: percentiles(speculative),
    refusedSpeculations,
    bytesPerRefusal: refusedSpeculations === 0 ? 0 : bytesRefused / refusedSpeculations,
  };
}

async function oneAnswer(url: string, round: number, aheadMs: number): Promise<number> {
  let onFirst = () => {};
  let onVerdict = () => {};
  const first = new Promise<void>((resolve) => {
    onFirst = resolve;
  });
  const verdict = new Promise<void>((resolve) => {
    onVerdict = resolve;
  });
  const publish = (event: CascadeEvent) => {
    if (event.type === 'answer-part') onFirst();
    if (event.type === 'verdict') onVerdict();
  };
  const uplink = await createUplink(configOf(url), {
    publish,
    ...uplinkEdges('.'),
    run: 'bench',
    stateDir: null,
  });
  if (aheadMs > 0) {
    uplink.prepare();
    await systemSleep(aheadMs);
  }
  const startMs = systemClock.monotonicMs();
  await uplink.offer({ ...faultEscalation(0), key: `first/${aheadMs}/${round}` });
  await first;
  const tookMs = systemClock.monotonicMs() - startMs;
  await verdict;
  await uplink.close(1_000);
  return tookMs;
}

async function refuse(url: string, aheadMs: number): Promise<{ wasted: number; bytes: number }> {
  const deps = { publish: () => {}, ...uplinkEdges('.'), run: 'bench', stateDir: null };
  const uplink = await createUplink(configOf(url), deps);
  uplink.prepare();
  await systemSleep(aheadMs);
  await uplink.close(1_000);
  await systemSleep(aheadMs);
  const stats = uplink.stats();
  return { wasted: stats.upstreams['far-end']?.speculationsWasted ?? 0, bytes: stats.bytesOut.upload };
}

function configOf(url: string) {
  return uplinkSchema.parse({ providers: [{ kind: 'plain', name: 'far-end', url }], budget: [] });
}

function percentiles(samples: readonly number[]): { p50: number; p99: number } {
  return { p50: quantileOrNull(samples, 0.5) ?? 0, p99: quantileOrNull(samples, 0.99) ?? 0 };
}

/** Bytes this process has caused to be written to devices (proc(5), /proc/self/io); null where unknown. */
function deviceBytes(): number | null {
  try {
    const found = /^write_bytes: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'));
    return found === null ? null : Number(found[1]);
  } catch {
    return null;
  }
}

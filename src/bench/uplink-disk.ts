import {
  cpSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Emulator } from '../emulator/emulator.js';
import { uplinkSchema } from '../runtime/config.js';
import { systemSleep, systemTimer } from '../runtime/process/system-clock.js';
import { uplinkEdges } from '../runtime/uplink-edges.js';
import { readStored } from '../uplink/queue/outbox.js';
import { openLevelStore } from '../uplink/queue/store.js';
import { createUplink, UPLINK_STORE } from '../uplink/uplink.js';
import { faultEscalation } from './uplink-events.js';

/** What was there after the last write to the outbox broke off, for every byte at which it can. */
export interface CutRun {
  readonly eventsBefore: number;
  readonly offsets: number;
  /** Everything before it and the last event whole; everything before it; anything else. */
  readonly whole: number;
  readonly prefix: number;
  readonly wrong: number;
}

const BEFORE = 8;

/** Keeps events while no cloud answers, then cuts the store's log at every byte that the last event wrote. */
export async function measureCuts(): Promise<CutRun> {
  const stateDir = mkdtempSync(join(tmpdir(), 'catnap-bench-'));
  const location = join(stateDir, UPLINK_STORE);
  const logOf = (folder: string) =>
    join(folder, readdirSync(folder).find((name) => name.endsWith('.log')) ?? '');
  const uplink = await createUplink(away(), quiet(stateDir));
  try {
    for (let index = 0; index < BEFORE; index++) await uplink.offer(faultEscalation(index));
    const from = statSync(logOf(location)).size;
    await uplink.offer(faultEscalation(BEFORE));
    const image = join(stateDir, 'image');
    cpSync(location, image, { recursive: true });
    const to = statSync(logOf(image)).size;
    const counts = { whole: 0, prefix: 0, wrong: 0 };
    for (let cut = from; cut <= to; cut++) {
      const copy = join(stateDir, 'cut');
      cpSync(image, copy, { recursive: true });
      truncateSync(logOf(copy), cut);
      const kept = await countIn(copy);
      counts[kept === BEFORE + 1 ? 'whole' : kept === BEFORE ? 'prefix' : 'wrong']++;
      rmSync(copy, { recursive: true });
    }
    return { eventsBefore: BEFORE, offsets: to - from + 1, ...counts };
  } finally {
    await uplink.close(0);
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function countIn(folder: string): Promise<number> {
  const store = await openLevelStore(folder, () => {});
  try {
    return (await readStored(store)).length;
  } finally {
    await store.close();
  }
}

/** What became of events offered to a disk that filled up. */
export interface FullDiskRun {
  readonly offered: number;
  /** Accepted, and refused with an event that says so. */
  readonly accepted: number;
  readonly refused: number;
  /** Offered and accepted once there was room again. */
  readonly acceptedAfter: number;
  /** Done by the cloud once it was back; accepted events that were not are lost. */
  readonly delivered: number;
  readonly lost: number;
}

const MIB = 1024 * 1024;
/** A small disk is meant: filling a large one serves nobody. */
const MOST_FREE_BYTES = 64 * MIB;
const OFFERS = 200;
const AFTER = 5;

/**
 * Fills the disk that `folder` is on, offers events to an outbox there while the cloud is away, makes room,
 * and lets the cloud come back. Throws RangeError where the disk has more than 64 MiB free.
 */
export async function measureFullDisk(folder: string): Promise<FullDiskRun> {
  const freeBytes = statfsSync(folder).bavail * statfsSync(folder).bsize;
  if (freeBytes > MOST_FREE_BYTES) {
    throw new RangeError(`${folder}: expected at most ${MOST_FREE_BYTES} bytes free, found ${freeBytes}`);
  }
  const stateDir = mkdtempSync(join(folder, 'catnap-bench-'));
  const filler = join(stateDir, 'filler');
  let refused = 0;
  let isAway = true;
  const emulator = await Emulator.start(systemTimer, {
    thinkMs: 0,
    wordMs: 0,
    refuse: () => (isAway ? { status: 503, retryAfterSeconds: 0 } : null),
  });
  const uplink = await createUplink(away(emulator.url), {
    ...quiet(stateDir),
    publish: (event) => {
      if (event.type === 'undelivered') refused++;
    },
  });
  try {
    writeFileSync(filler, Buffer.alloc(Math.max(0, Math.floor(freeBytes * FILLED))));
    const accepted: string[] = [];
    const offer = async (index: number): Promise<void> => {
      const before = refused;
      const escalation = { ...faultEscalation(index), transcript: 'word '.repeat(2_000), label: 'computer' };
      await uplink.offer(escalation);
      if (refused === before) accepted.push(escalation.key);
    };
    for (let index = 0; index < OFFERS; index++) await offer(index);
    const acceptedFull = accepted.length;
    rmSync(filler);
    for (let index = OFFERS; index < OFFERS + AFTER; index++) await offer(index);
    isAway = false;
    while (uplink.stats().waiting.count > 0) await systemSleep(WAIT_MS);
    const done = new Set(emulator.committed);
    return {
      offered: OFFERS + AFTER,
      accepted: acceptedFull,
      refused,
      acceptedAfter: accepted.length - acceptedFull,
      delivered: done.size,
      lost: accepted.filter((key) => !done.has(key)).length,
    };
  } finally {
    await uplink.close(1_000);
    await emulator.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

/** Share of what is free that is filled beforehand. */
const FILLED = 0.7;
const WAIT_MS = 20;

/** An uplink whose cloud does not answer, or not yet. */
function away(url = 'ws://127.0.0.1:9') {
  return uplinkSchema.parse({
    providers: [{ kind: 'plain', name: 'far-end', url }],
    retry: { initialDelayMs: 50, maxDelayMs: 200 },
    budget: [],
  });
}

function quiet(stateDir: string) {
  return { publish: () => {}, ...uplinkEdges('.'), run: 'bench', stateDir };
}

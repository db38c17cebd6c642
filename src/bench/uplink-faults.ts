import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mulberry32 } from '../core/random.js';
import { type Behaviour, Emulator, type Refusal } from '../emulator/emulator.js';
import { systemClock, systemTimer } from '../runtime/process/system-clock.js';
import type { PlainEvent } from '../uplink/providers/plain/protocol.js';
import { readStored } from '../uplink/queue/outbox.js';
import { openStoreCopy } from '../uplink/queue/store-copy.js';
import { UPLINK_STORE } from '../uplink/uplink.js';
import type { ChildReport, ChildTask } from './uplink-child.js';
import { isPoison, SOURCES } from './uplink-events.js';

export interface FaultRunOptions {
  readonly events: number;
  /** Catnap is killed with SIGKILL this often; 0 never. */
  readonly killEveryMs: number;
  readonly seed: number;
  readonly onProgress: (committed: number) => void;
}

/** What became of every event. Lost, duplicated and wrongly dead-lettered are to be 0. */
export interface FaultRun {
  readonly offered: number;
  readonly delivered: number;
  readonly lost: number;
  /** Events the far end did more than once. */
  readonly duplicates: number;
  /** Sent again, and recognised by their key. */
  readonly repeats: number;
  readonly deadLettered: number;
  readonly poisonous: number;
  readonly wronglyDead: number;
  readonly outOfOrder: number;
  readonly kills: number;
  readonly connections: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Shares of events that meet each fault, and of connections that are refused. */
const FAULTS: readonly (readonly [share: number, behaviour: Behaviour])[] = [
  [0.03, { kind: 'lost-ack' }],
  [0.02, { kind: 'disconnect' }],
  [0.02, { kind: 'reject', status: 500, retryAfterMs: null }],
  [0.02, { kind: 'reject', status: 429, retryAfterMs: 20 }],
  [0.005, { kind: 'garbage' }],
  [0.002, { kind: 'freeze' }],
  [0.002, { kind: 'mute' }],
];
const REFUSALS: readonly (readonly [share: number, refusal: Refusal])[] = [
  [0.1, { status: 503, retryAfterSeconds: 0 }],
  [0.1, { status: 502, retryAfterSeconds: null }],
];

/**
 * Sends events from a child process with a durable outbox to a far end that misbehaves, killing the child again and
 * again, until the outbox is empty; then counts what became of each.
 */
export async function runFaults(options: FaultRunOptions): Promise<FaultRun> {
  const stateDir = mkdtempSync(join(tmpdir(), 'catnap-bench-'));
  const random = mulberry32(options.seed);
  const faults: Record<string, number> = {};
  const draw = <T>(table: readonly (readonly [number, T])[]): T | null => {
    let left = random();
    for (const [share, what] of table) {
      left -= share;
      if (left < 0) return what;
    }
    return null;
  };
  const count = (name: string) => {
    faults[name] = (faults[name] ?? 0) + 1;
  };
  const emulator = await Emulator.start(systemTimer, {
    thinkMs: 0,
    wordMs: 0,
    answer: () => ({ label: 'weather', text: 'Mild.', action: null }),
    behave: (event) => behave(event, draw(FAULTS), count),
    refuse: () => {
      const refusal = draw(REFUSALS);
      if (refusal !== null) count(`upgrade ${refusal.status}`);
      return refusal;
    },
  });
  const startedMs = systemClock.monotonicMs();
  try {
    const { offered, kills } = await keepSending(options, emulator, stateDir);
    const seconds = (systemClock.monotonicMs() - startedMs) / 1000;
    const dead = await deadLetters(stateDir);
    const counts = tally(offered, emulator.committed, dead);
    const duplicates = emulator.committed.length - new Set(emulator.committed).size;
    const repeats = emulator.received - new Set([...emulator.committed, ...dead]).size;
    return { ...counts, duplicates, repeats, kills, connections: emulator.connections, faults, seconds };
  } finally {
    await emulator.close();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

function behave(event: PlainEvent, fault: Behaviour | null, count: (name: string) => void): Behaviour {
  if (event.label === 'poison') return { kind: 'reject', status: 400, retryAfterMs: null };
  if (fault === null) return { kind: 'answer' };
  count(fault.kind === 'reject' ? `status ${fault.status}` : fault.kind);
  return fault;
}

async function keepSending(
  { events, killEveryMs, onProgress }: FaultRunOptions,
  emulator: Emulator,
  stateDir: string,
): Promise<{ readonly offered: ReadonlySet<number>; readonly kills: number }> {
  const offered = new Set<number>();
  let kills = 0;
  for (;;) {
    const from = offered.size;
    const ended = await runChild({ url: emulator.url, stateDir, from, to: events }, killEveryMs, (report) => {
      if (report.kind === 'offered') offered.add(report.index);
      onProgress(emulator.committed.length);
    });
    if (ended === 'empty') return { offered, kills };
    kills++;
  }
}

/** Runs one child until its outbox is empty or it is killed. */
function runChild(
  task: ChildTask,
  killAfterMs: number,
  onReport: (report: ChildReport) => void,
): Promise<'empty' | 'killed'> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = fork(fileURLToPath(new URL('./uplink-child.js', import.meta.url)));
    let isEmpty = false;
    let letLive = () => {};
    child.on('message', (report: ChildReport) => {
      if (report.kind === 'empty') isEmpty = true;
      // Counted from when it stands, or a busy machine would never see it work.
      if (report.kind === 'ready' && killAfterMs > 0)
        letLive = systemTimer(killAfterMs, () => child.kill('SIGKILL'));
      onReport(report);
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      letLive();
      if (isEmpty) resolve('empty');
      else if (signal === 'SIGKILL') resolve('killed');
      else reject(new Error(`uplink child ended with ${code ?? signal}`));
    });
    child.send(task);
  });
}

async function deadLetters(stateDir: string): Promise<string[]> {
  const store = await openStoreCopy(join(stateDir, UPLINK_STORE));
  const stored = await readStored(store);
  await store.close();
  return stored.filter(({ death }) => death !== null).map(({ waiting }) => waiting.key);
}

function tally(offered: ReadonlySet<number>, committed: readonly string[], dead: readonly string[]) {
  const indexOf = (key: string) => Number(key.slice(key.indexOf('/') + 1));
  const delivered = new Set(committed.map(indexOf));
  const buried = new Set(dead.map(indexOf));
  const all = [...offered];
  const lastOf = new Map<number, number>();
  let outOfOrder = 0;
  for (const index of committed.map(indexOf)) {
    const source = index % SOURCES;
    if (index < (lastOf.get(source) ?? -1)) outOfOrder++;
    lastOf.set(source, index);
  }
  return {
    offered: offered.size,
    delivered: delivered.size,
    lost: all.filter((index) => !delivered.has(index) && !buried.has(index)).length,
    deadLettered: buried.size,
    poisonous: all.filter(isPoison).length,
    wronglyDead: [...buried].filter((index) => !isPoison(index)).length,
    outOfOrder,
  };
}

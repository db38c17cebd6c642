/** Script of a process that is the whole program, as `catnap run` is, and tells what listening cost it. */
import { readFileSync } from 'node:fs';
import type { CascadeEvent } from '../core/events/events.js';
import { median } from '../core/quantile.js';
import { type ConfigInput, configSchema } from '../runtime/config.js';
import { runCatnap } from '../runtime/main.js';
import { systemClock, systemSleep } from '../runtime/process/system-clock.js';
import { MemoryReadings } from './memory.js';
import { childPids, type ProcessMemory, privateMb, readProcessMemory } from './process-memory.js';
import { configOf, memoryConfig, type Scenario, type ScenarioResult } from './speed-scenarios.js';
import { type SpokenWords, sinceWordMs } from './speed-signals.js';

/** What it is asked. */
export type RuntimeOrder = { readonly stateDir: string } & (
  | { readonly kind: 'scenario'; readonly scenario: Scenario }
  | { readonly kind: 'memory'; readonly recording: string; readonly hours: number }
);

/** Starting, loading, compiling and the first collections of garbage are over by then. */
const SETTLE_MS = 20_000;
const BLOCK_EVERY_MS = 500;
/** What the heavy process took it keeps until it sleeps. */
const LOOK_EVERY_MS = 5000;

process.once('message', (order: RuntimeOrder) => {
  answer(order).then(
    (result) => process.send?.(result, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});

async function answer(order: RuntimeOrder): Promise<unknown> {
  switch (order.kind) {
    case 'scenario':
      return measureScenario(order.scenario, order.stateDir);
    case 'memory':
      return measureMemory(order.recording, order.hours, order.stateDir);
  }
}

/** The program, running; `stop` ends it as a signal does. */
function start(config: ConfigInput, stateDir: string, onEvent: (event: CascadeEvent) => void) {
  const running = runCatnap({
    config: configSchema.parse({ ...config, stateDir }),
    folder: '.',
    version: 'bench',
    sinks: { bench: { publish: onEvent, close: async () => {} } },
    onError: (where, error) => process.stderr.write(`${where}: ${String(error)}\n`),
  });
  const stop = async (): Promise<void> => {
    process.kill(process.pid, 'SIGTERM');
    await running;
  };
  return { running, stop };
}

async function measureScenario(scenario: Scenario, stateDir: string): Promise<ScenarioResult> {
  const { name, seconds: wanted, words, blockMs } = scenario;
  const events: CascadeEvent[] = [];
  const { stop } = start(configOf(scenario), stateDir, (event) => events.push(event));
  await systemSleep(SETTLE_MS);
  events.length = 0;
  const before = process.cpuUsage();
  const startMs = systemClock.monotonicMs();
  let peak: ProcessMemory = { ownMb: 0, childMb: 0 };
  const residentMb: number[] = [];
  while (systemClock.monotonicMs() - startMs < wanted * 1000) {
    await systemSleep(blockMs === 0 ? LOOK_EVERY_MS : BLOCK_EVERY_MS);
    block(blockMs);
    residentMb.push(process.memoryUsage.rss() / 1e6);
    // A look costs milliseconds, which would show beside what a quiet source costs.
    if (name.startsWith('sources-')) peak = larger(peak, readProcessMemory());
  }
  const seconds = (systemClock.monotonicMs() - startMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  const alone = privateMb();
  const heavyCpuShare = childrenCpuSeconds() / seconds;
  const heard = [...events];
  await stop();
  const latencies = (type: CascadeEvent['type']) =>
    heard.flatMap((event) => (event.type === type ? [event.measured?.latencyMs ?? Number.NaN] : []));
  return {
    name,
    seconds,
    cpuShare: (user + system) / 1e6 / seconds,
    heavyCpuShare,
    rssMb: median(residentMb),
    privateMb: alone,
    peak,
    noticeLatenciesMs: latencies('noticed'),
    verifyLatenciesMs: latencies('verified'),
    wordLatenciesMs: words === null ? [] : heard.flatMap((event) => sinceWord(words, event)),
    events: countBy(heard),
  };
}

/** From the end of the word that an event believes to that event. */
function sinceWord(words: SpokenWords, event: CascadeEvent): readonly number[] {
  if (event.type !== 'verified') return [];
  const heardMs = sinceWordMs(words, event.sample);
  const lateMs = event.measured?.latencyMs ?? null;
  return heardMs === null || lateMs === null ? [] : [heardMs + lateMs];
}

/** Every event tells how much of the signal was heard: the recording begins anew, hence there is one, each minute. */
async function measureMemory(recording: string, hours: number, stateDir: string): Promise<unknown> {
  const readings = new MemoryReadings(hours);
  let heardAll = false;
  const enough = new Promise<void>((resolve, reject) => {
    const { stop, running } = start(memoryConfig(recording), stateDir, (event) => {
      if (heardAll || !('atMs' in event)) return;
      readings.take(event.atMs / 3_600_000, process.memoryUsage.rss() / 1e6);
      // A second signal would end the program without its answer.
      heardAll = event.atMs >= hours * 3_600_000;
      if (heardAll) void stop().then(resolve, reject);
    });
    running.catch(reject);
  });
  await enough;
  return readings.figures();
}

function larger(a: ProcessMemory, b: ProcessMemory): ProcessMemory {
  return a.ownMb + a.childMb > b.ownMb + b.childMb ? a : b;
}

/** Keeps this thread busy. */
function block(durationMs: number): void {
  const startMs = systemClock.monotonicMs();
  while (systemClock.monotonicMs() - startMs < durationMs);
}

/** CPU time of children, also of those that have ended: fields 14 to 17 of /proc/PID/stat (proc(5)), ticks of 10 ms. */
function childrenCpuSeconds(): number {
  const [, , cuser = 0, csystem = 0] = ticksOf('self');
  const living = childPids().reduce((sum, pid) => {
    const [user = 0, system = 0] = ticksOf(pid);
    return sum + user + system;
  }, 0);
  return (cuser + csystem + living) / 100;
}

function ticksOf(pid: number | 'self'): readonly number[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).map(Number);
}

function countBy(events: readonly CascadeEvent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

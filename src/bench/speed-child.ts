/** Script of a scenario's process: plays a recording through the runtime in real time and tells what that cost. */
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { configSchema } from '../config/schema.js';
import type { CascadeEvent } from '../core/events.js';
import { MainSignals } from '../host/main-signals.js';
import { SourceHost } from '../host/source-host.js';
import type { SourceSpec } from '../host/source-worker.js';
import { voiceStages } from '../stages/voice-stages.js';
import { configOf, type Scenario, type ScenarioResult } from './speed-scenarios.js';

/** Starting, loading, compiling and the first collections of garbage are over by then. */
const SETTLE_MS = 20_000;
const BLOCK_EVERY_MS = 500;
const STOP_MS = 3000;

process.once('message', (scenario: Scenario) => {
  run(scenario).then(
    (result) => process.send?.(result, () => process.exit(0)),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});

async function run(scenario: Scenario): Promise<ScenarioResult> {
  const config = configSchema.parse(configOf(scenario));
  const [source] = config.sources;
  const cascade = config.cascades.voice;
  if (source === undefined || cascade === undefined)
    throw new Error('the scenario has a source and a cascade');
  const voice = cascade.kind === 'voice' ? voiceStages(cascade) : null;
  const { intents, meter } = config;
  const spec: SourceSpec = {
    source,
    cascade,
    voice,
    intents,
    meter,
    folder: '.',
    offline: true,
    duplex: false,
  };
  const events: CascadeEvent[] = [];
  const mainSignals = new MainSignals();
  const beat = setInterval(() => mainSignals.beat(), 1000);
  const host = new SourceHost({
    source: source.id,
    spec,
    run: 'bench',
    mainSignals,
    onReport: (report) => {
      if (report.kind === 'event') events.push(report.event);
    },
    onHealth: ({ detail }) => process.stderr.write(`${detail}\n`),
  });
  const running = host.run();
  await delay(SETTLE_MS);
  events.length = 0;
  const before = process.cpuUsage();
  const startMs = performance.now();
  if (scenario.blockMs === 0) await delay(scenario.seconds * 1000);
  while (performance.now() - startMs < scenario.seconds * 1000) {
    await delay(BLOCK_EVERY_MS);
    block(scenario.blockMs);
  }
  const seconds = (performance.now() - startMs) / 1000;
  const { user, system } = process.cpuUsage(before);
  const rssMb = process.memoryUsage.rss() / 1e6;
  await host.stop(STOP_MS);
  await running;
  clearInterval(beat);
  const latencies = (type: CascadeEvent['type']) =>
    events.flatMap((event) => (event.type === type ? [event.measured?.latencyMs ?? Number.NaN] : []));
  return {
    name: scenario.name,
    seconds,
    cpuShare: (user + system) / 1e6 / seconds,
    heavyCpuShare: childrenCpuSeconds() / seconds,
    rssMb,
    noticeLatenciesMs: latencies('noticed'),
    verifyLatenciesMs: latencies('verified'),
    events: countBy(events),
  };
}

/** Keeps this thread busy. */
function block(durationMs: number): void {
  const startMs = performance.now();
  while (performance.now() - startMs < durationMs);
}

/** CPU time of children that have ended: fields 16 and 17 of /proc/self/stat (proc(5)), in ticks of 10 ms. */
function childrenCpuSeconds(): number {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

function countBy(events: readonly CascadeEvent[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

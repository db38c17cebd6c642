import { Counter, Gauge, Registry } from 'prom-client';
import type { EventBus } from '../events/bus.js';
import type { UplinkStats } from '../uplink/counted-uplink.js';

/** Prometheus text of what the bus has seen and the uplink has done. */
export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
}

/**
 * Makes the metrics of a bus and an uplink: read from them when asked for, so that they cost nothing in between.
 * @param version of Catnap
 * @param uplink null while there is none yet
 */
export function createMetrics(bus: EventBus, version: string, uplink: () => UplinkStats | null): Metrics {
  const registry = new Registry();
  const collectors = [
    processCollector(registry, version),
    eventCollector(registry, bus),
    stageCollector(registry, bus),
    outboxCollector(registry, uplink),
    costCollector(registry, bus),
    providerCollector(registry, uplink),
  ];
  return {
    contentType: registry.contentType,
    render() {
      registry.resetMetrics();
      for (const collect of collectors) collect();
      return registry.metrics();
    },
  };
}

/** By the names that Prometheus's own clients use. The heavy process is not among it: its stages say what they take. */
function processCollector(registry: Registry, version: string): () => void {
  const { counter, gauge } = inRegistry(registry);
  const info = gauge('catnap_build_info', 'Always 1; what runs stands in the labels.', ['version', 'node']);
  const cpu = counter('process_cpu_seconds_total', 'CPU time of all threads of the process.');
  const resident = gauge('process_resident_memory_bytes', 'Memory of the process that is in use.');
  const start = gauge('process_start_time_seconds', 'When the process began, since 1970.');
  return () => {
    info.set({ version, node: process.versions.node }, 1);
    const { user, system } = process.cpuUsage();
    cpu.inc((user + system) / 1e6);
    resident.set(process.memoryUsage.rss());
    start.set(performance.timeOrigin / 1000);
  };
}

function eventCollector(registry: Registry, bus: EventBus): () => void {
  const { counter, gauge } = inRegistry(registry);
  const events = counter('catnap_events_total', 'Events published.', ['source', 'type']);
  const frames = counter('catnap_frames_total', 'Frames that entered the cascade.', ['source']);
  const listened = counter('catnap_listened_seconds_total', 'Signal time listened.', ['source']);
  const lost = counter(
    'catnap_lost_samples_total',
    'Samples that are missing: overruns, what was dropped because something was late, outages.',
    ['source'],
  );
  const level = gauge('catnap_level_decibels', 'Level of the newest hop, of audio re full scale.', [
    'source',
  ]);
  const latency = gauge(
    'catnap_event_latency_seconds',
    'From the last sample an event rests on to its publication, at a quantile over the run.',
    ['source', 'type', 'quantile'],
  );
  const health = gauge('catnap_component_health', 'State of a component: 2 ok, 1 degraded, 0 down.', [
    'component',
  ]);
  return () => {
    for (const [source, types] of Object.entries(bus.counts())) {
      for (const [type, count] of Object.entries(types)) events.inc({ source, type }, count);
    }
    for (const { source, type, latency: found } of bus.latencies()) {
      for (const [quantile, percentile] of Object.entries(PERCENTILES))
        latency.set({ source, type, quantile }, found.percentileMs(percentile) / 1000);
    }
    for (const [component, event] of bus.health()) health.set({ component }, HEALTH_VALUE[event.state]);
    for (const [source, { counters, levels }] of bus.sources()) {
      if (levels.levelDb !== null && Number.isFinite(levels.levelDb)) level.set({ source }, levels.levelDb);
      if (counters === null) continue;
      frames.inc({ source }, counters.frames);
      listened.inc({ source }, counters.listenedMs / 1000);
      lost.inc({ source }, counters.lostSamples);
    }
  };
}

function stageCollector(registry: Registry, bus: EventBus): () => void {
  const { counter, gauge } = inRegistry(registry);
  const decisions = counter('catnap_stage_decisions_total', 'Decisions of a stage by kind.', [
    'source',
    'stage',
    'kind',
  ]);
  const cpu = counter('catnap_stage_cpu_seconds_total', 'CPU time of a stage.', ['source', 'stage']);
  const energy = counter(
    'catnap_stage_energy_joules_total',
    'Energy of a stage above idle; basis says whether it was measured or modelled.',
    ['source', 'stage', 'basis'],
  );
  const latency = gauge('catnap_stage_latency_seconds', 'Latency of a stage at a quantile over the run.', [
    'source',
    'stage',
    'quantile',
  ]);
  const memory = gauge('catnap_stage_memory_bytes', 'What loading a stage added to the heavy process.', [
    'source',
    'stage',
  ]);
  return () => {
    for (const [source, { counters }] of bus.sources()) {
      for (const stage of counters?.stages ?? []) {
        const labels = { source, stage: stage.stage };
        decisions.inc({ ...labels, kind: 'accept' }, stage.accepts);
        decisions.inc({ ...labels, kind: 'reject' }, stage.rejects);
        decisions.inc({ ...labels, kind: 'uncertain' }, stage.uncertain);
        decisions.inc({ ...labels, kind: 'abstain' }, stage.abstains);
        cpu.inc(labels, stage.cpuMs / 1000);
        energy.inc({ ...labels, basis: stage.basis }, stage.energyMj / 1000);
        if (stage.memoryMb !== null) memory.set(labels, stage.memoryMb * 1e6);
        for (const [quantile, latencyMs] of quantiles(stage.latencyMs)) {
          latency.set({ ...labels, quantile }, latencyMs / 1000);
        }
      }
    }
  };
}

function outboxCollector(registry: Registry, uplink: () => UplinkStats | null): () => void {
  const { counter, gauge } = inRegistry(registry);
  const waiting = gauge('catnap_outbox_waiting', 'Uploads that wait for the cloud.');
  const waitingBytes = gauge('catnap_outbox_waiting_bytes', 'Bytes that wait for the cloud.');
  const offered = counter('catnap_outbox_offered_total', 'Uploads taken, since the outbox was made.');
  const left = counter(
    'catnap_outbox_left_total',
    'Uploads that wait no more by what became of them, since the outbox was made; dead: to the dead letters.',
    ['outcome'],
  );
  const written = counter(
    'catnap_outbox_written_bytes_total',
    'Bytes handed to the disk, since the outbox was made; compaction not counted.',
  );
  return () => {
    const stats = uplink();
    if (stats === null) return;
    const { offered: taken, bytesWritten, ...outcomes } = stats.outbox;
    waiting.set(stats.waiting.count);
    waitingBytes.set(stats.waiting.bytes);
    offered.inc(taken);
    written.inc(bytesWritten);
    for (const [outcome, count] of Object.entries(outcomes)) left.inc({ outcome }, count);
  };
}

function costCollector(registry: Registry, bus: EventBus): () => void {
  const cost = inRegistry(registry).counter(
    'catnap_uplink_cost_total',
    'Money that verdicts cost, in the currency of the prices.',
    ['provider'],
  );
  return () => {
    for (const [provider, money] of bus.money()) cost.inc({ provider }, money);
  };
}

function providerCollector(registry: Registry, uplink: () => UplinkStats | null): () => void {
  const { counter, gauge } = inRegistry(registry);
  const sent = counter('catnap_sent_bytes_total', 'Bytes that left the device, by what they were.', ['what']);
  const opened = counter('catnap_uplink_opened_total', 'Connections opened to a provider.', ['provider']);
  const failures = counter(
    'catnap_uplink_failures_total',
    'Failures of a provider that pass: what met them was or will be tried again.',
    ['provider'],
  );
  const ahead = counter('catnap_uplink_speculations_total', 'Connections opened ahead.', ['provider']);
  const wasted = counter(
    'catnap_uplink_speculations_wasted_total',
    'Connections opened ahead that nothing was said on.',
    ['provider'],
  );
  const spent = gauge(
    'catnap_budget_spent',
    'What the period up to now has used of a budget.',
    BUDGET_LABELS,
  );
  const limit = gauge('catnap_budget_limit', 'The most that a budget allows in its period.', BUDGET_LABELS);
  return () => {
    const stats = uplink();
    if (stats === null) return;
    for (const [what, bytes] of Object.entries(stats.bytesOut)) sent.inc({ what }, bytes);
    for (const [provider, counters] of Object.entries(stats.upstreams)) {
      opened.inc({ provider }, counters.opened);
      failures.inc({ provider }, counters.failures);
      ahead.inc({ provider }, counters.speculations);
      wasted.inc({ provider }, counters.speculationsWasted);
    }
    for (const { what, per, provider, ...budget } of stats.budget) {
      const labels = { what, per, ...(provider === null ? {} : { provider }) };
      spent.set(labels, budget.spent);
      limit.set(labels, budget.limit);
    }
  };
}

const BUDGET_LABELS = ['what', 'per', 'provider'] as const;

function inRegistry(registry: Registry) {
  const registers = [registry];
  return {
    counter: <Label extends string>(name: string, help: string, labels: readonly Label[] = []) =>
      new Counter({ name, help, labelNames: labels, registers }),
    gauge: <Label extends string>(name: string, help: string, labels: readonly Label[] = []) =>
      new Gauge({ name, help, labelNames: labels, registers }),
  };
}

/** By quantile; of the last the slowest. */
const PERCENTILES = { '0.5': 50, '0.9': 90, '0.99': 99, '1': 100 } as const;

const HEALTH_VALUE = { ok: 2, degraded: 1, down: 0 } as const;

function quantiles(latencyMs: { p50: number; p90: number; p99: number; max: number }): [string, number][] {
  return [
    ['0.5', latencyMs.p50],
    ['0.9', latencyMs.p90],
    ['0.99', latencyMs.p99],
    ['1', latencyMs.max],
  ];
}

import { Counter, Gauge, Registry } from 'prom-client';
import type { EventBus } from '../events/bus.js';

/** Prometheus text of what the bus has seen. */
export interface Metrics {
  readonly contentType: string;
  render(): Promise<string>;
}

/** Makes the metrics of a bus: read from it when asked for, so that they cost nothing in between. */
export function createMetrics(bus: EventBus): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const perSource = ['source'] as const;
  const perStage = ['source', 'stage'] as const;

  const events = new Counter({
    name: 'catnap_events_total',
    help: 'Events published.',
    labelNames: ['source', 'type'],
    registers,
  });
  const frames = new Counter({
    name: 'catnap_frames_total',
    help: 'Frames that entered the cascade.',
    labelNames: perSource,
    registers,
  });
  const listened = new Counter({
    name: 'catnap_listened_seconds_total',
    help: 'Signal time listened.',
    labelNames: perSource,
    registers,
  });
  const decisions = new Counter({
    name: 'catnap_stage_decisions_total',
    help: 'Decisions of a stage by kind; drops were never asked.',
    labelNames: ['source', 'stage', 'kind'],
    registers,
  });
  const cpu = new Counter({
    name: 'catnap_stage_cpu_seconds_total',
    help: 'CPU time of a stage.',
    labelNames: perStage,
    registers,
  });
  const energy = new Counter({
    name: 'catnap_stage_energy_joules_total',
    help: 'Energy of a stage above idle; basis says whether it was measured or modelled.',
    labelNames: ['source', 'stage', 'basis'],
    registers,
  });
  const latency = new Gauge({
    name: 'catnap_stage_latency_seconds',
    help: 'Latency of a stage at a quantile over the run.',
    labelNames: ['source', 'stage', 'quantile'],
    registers,
  });
  const health = new Gauge({
    name: 'catnap_component_health',
    help: 'State of a component: 2 ok, 1 degraded, 0 down.',
    labelNames: ['component'],
    registers,
  });

  const collect = (): void => {
    registry.resetMetrics();
    for (const [source, types] of Object.entries(bus.counts())) {
      for (const [type, count] of Object.entries(types)) events.inc({ source, type }, count);
    }
    for (const [component, event] of bus.health()) health.set({ component }, HEALTH_VALUE[event.state]);
    for (const [source, { counters }] of bus.sources()) {
      if (counters === null) continue;
      frames.inc({ source }, counters.frames);
      listened.inc({ source }, counters.listenedMs / 1000);
      for (const stage of counters.stages) {
        const labels = { source, stage: stage.stage };
        decisions.inc({ ...labels, kind: 'accept' }, stage.accepts);
        decisions.inc({ ...labels, kind: 'reject' }, stage.rejects);
        decisions.inc({ ...labels, kind: 'uncertain' }, stage.uncertain);
        decisions.inc({ ...labels, kind: 'abstain' }, stage.abstains);
        decisions.inc({ ...labels, kind: 'drop' }, stage.drops);
        cpu.inc(labels, stage.cpuMs / 1000);
        energy.inc({ ...labels, basis: stage.basis }, stage.energyMj / 1000);
        for (const [quantile, latencyMs] of quantiles(stage.latencyMs)) {
          latency.set({ ...labels, quantile }, latencyMs / 1000);
        }
      }
    }
  };

  return {
    contentType: registry.contentType,
    render() {
      collect();
      return registry.metrics();
    },
  };
}

const HEALTH_VALUE = { ok: 2, degraded: 1, down: 0 } as const;

function quantiles(latencyMs: { p50: number; p90: number; p99: number; max: number }): [string, number][] {
  return [
    ['0.5', latencyMs.p50],
    ['0.9', latencyMs.p90],
    ['0.99', latencyMs.p99],
    ['1', latencyMs.max],
  ];
}

import type { StageCounters, Telemetry } from '../../../core/metering/telemetry.js';
import type { EventCounts } from '../../../events/tally.js';

type Counters = Extract<Telemetry, { type: 'counters' }>;

/** One step of the funnel: how much of the signal came this far. */
export interface FunnelStep {
  readonly name: string;
  readonly hint: string;
  readonly count: number;
}

/** How much of what was heard came how far: frames -> gate -> tiny -> heavy -> cloud. */
export function funnel(counters: readonly Counters[], counts: EventCounts): readonly FunnelStep[] {
  const gates = counters.flatMap((source) => source.stages.filter((stage) => stage.stage === 'gate'));
  const frames = counters.reduce((sum, source) => sum + source.frames, 0);
  const gated = gates.reduce((sum, gate) => sum + gate.calls, 0);
  const passed = gates.reduce((sum, gate) => sum + gate.accepts, 0);
  const ungated = counters
    .filter((source) => !source.stages.some((stage) => stage.stage === 'gate'))
    .reduce((sum, source) => sum + source.frames, 0);
  const events = (type: string): number =>
    Object.values(counts).reduce((sum, ofSource) => sum + (ofSource[type] ?? 0), 0);
  return [
    { name: 'Heard', hint: 'frames that came in', count: gated > 0 ? gated + ungated : frames },
    { name: 'Gate', hint: 'loud enough to be judged', count: passed + ungated },
    { name: 'Tiny', hint: 'noticed by the small model', count: events('noticed') },
    { name: 'Heavy', hint: 'believed by the large one', count: events('verified') },
    // Several providers may be sent one question: what came of it is counted, once.
    { name: 'Cloud', hint: 'answered', count: events('verdict') },
  ];
}

/** Several sources' counters of the same stage as one row. Percentiles cannot be added: the worst source's stand. */
export function addStages(counters: readonly Counters[]): readonly StageCounters[] {
  const rows = new Map<string, StageCounters>();
  for (const { stages } of counters) {
    for (const stage of stages) {
      const before = rows.get(stage.stage);
      rows.set(stage.stage, before === undefined ? stage : addStage(before, stage));
    }
  }
  return [...rows.values()].toSorted((left, right) => orderOf(left.stage) - orderOf(right.stage));
}

function addStage(left: StageCounters, right: StageCounters): StageCounters {
  return {
    stage: left.stage,
    calls: left.calls + right.calls,
    accepts: left.accepts + right.accepts,
    rejects: left.rejects + right.rejects,
    uncertain: left.uncertain + right.uncertain,
    abstains: left.abstains + right.abstains,
    cpuMs: left.cpuMs + right.cpuMs,
    energyMj: left.energyMj + right.energyMj,
    basis: left.basis === 'measured' && right.basis === 'measured' ? 'measured' : 'modelled',
    // Sources are heard side by side: their shares of a core add up.
    dutyCycle: left.dutyCycle + right.dutyCycle,
    latencyMs: {
      p50: Math.max(left.latencyMs.p50, right.latencyMs.p50),
      p90: Math.max(left.latencyMs.p90, right.latencyMs.p90),
      p99: Math.max(left.latencyMs.p99, right.latencyMs.p99),
      max: Math.max(left.latencyMs.max, right.latencyMs.max),
    },
    // All sources share one process, in which each stage is loaded once.
    memoryMb: largest(left.memoryMb, right.memoryMb),
  };
}

function largest(left: number | null, right: number | null): number | null {
  return left === null || right === null ? (left ?? right) : Math.max(left, right);
}

const ORDER = ['runtime', 'gate', 'endpointer', 'tiny', 'heavy', 'recogniser'];

function orderOf(stage: string): number {
  const index = ORDER.indexOf(stage);
  return index < 0 ? ORDER.length : index;
}

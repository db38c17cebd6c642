import type { Cost, DecisionKind, EnergyBasis } from '../events/events.js';
import type { Telemetry } from './telemetry.js';

/** What a busy core and an idle board draw, and how that is known. */
export interface PowerModel {
  /** Watts one fully busy core adds. 1 W is 1 mJ a millisecond of CPU time. */
  readonly coreWatts: number;
  /** Watts the board draws while it does nothing. */
  readonly idleWatts: number;
  readonly basis: EnergyBasis;
}

/** Latencies of one stage. Implemented at the edge by a histogram library. */
export interface LatencyHistogram {
  recordMs(latencyMs: number): void;
  /** `percentile` from 0 to 100; 0 while nothing was recorded. */
  percentileMs(percentile: number): number;
  maxMs(): number;
}

/** Counts and prices the work of one stage. Nothing here but {@link lastCost} allocates. */
export interface StageMeter {
  readonly stage: string;
  /**
   * Counts a decision made on this thread since `startMs` (from {@link Meter.nowMs}). CPU time is taken as the time
   * elapsed, which is more than it was where the thread had to wait for a core.
   */
  record(kind: DecisionKind, startMs: number): void;
  /**
   * Counts a decision made elsewhere (a child process), with the CPU time measured there, and what the stage holds
   * there, 10^6 bytes, where that is known.
   */
  recordWork(kind: DecisionKind, latencyMs: number, cpuMs: number, memoryMb?: number | null): void;
  /** Adds to what the stage cost work that is no decision of its own, done since `startMs` or in another process. */
  recordMore(work: { readonly startMs: number } | { readonly cpuMs: number }): void;
  /** What the last recorded decision cost; null where nothing is measured. */
  lastCost(): Cost | null;
}

/**
 * The cascade's view of metering: one per source, handed to the engine.
 *
 * ```ts
 * const tiny = meter.stage('tiny');          // once
 * const startMs = meter.nowMs();             // every hop
 * const decision = stage.decide(window, signal);
 * tiny.record(decision.kind, startMs);
 * const measured = tiny.lastCost();          // only for a trail
 * ```
 */
export interface Meter {
  /** Monotonic milliseconds. */
  nowMs(): number;
  /** The meter of a stage by name; the same object every time. */
  stage(name: string): StageMeter;
  /** Counts a frame that entered the cascade and the milliseconds of signal it holds. */
  heard(durationMs: number): void;
  /** Counts samples that are missing, wherever they were dropped or lost. */
  lost(samples: number): void;
  /** Everything counted so far. */
  counters(): Extract<Telemetry, { type: 'counters' }>;
}

const idle: StageMeter = {
  stage: '',
  record() {},
  recordWork() {},
  recordMore() {},
  lastCost: () => null,
};

/** Measures nothing, for replays and tests in which only the events count. */
export const nullMeter: Meter = {
  nowMs: () => 0,
  stage: () => idle,
  heard() {},
  lost() {},
  counters: () => ({
    type: 'counters',
    source: '',
    frames: 0,
    listenedMs: 0,
    lostSamples: 0,
    idleEnergyMj: 0,
    basis: 'modelled',
    stages: [],
    totals: { calls: 0, cpuMs: 0, energyMj: 0 },
  }),
};

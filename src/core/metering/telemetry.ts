import type { EnergyBasis } from '../events/events.js';
import type { ChannelFormat } from '../signal/frame.js';
import type { Thresholds } from '../thresholds.js';

/** Above this rate a sensor is shown by the level of its channels: a value now and then would say nothing. */
export const FAST_RATE_HZ = 50;

/** What one stage has done so far. `calls` = accepts + rejects + uncertain + abstains. */
export interface StageCounters {
  readonly stage: string;
  readonly calls: number;
  readonly accepts: number;
  readonly rejects: number;
  readonly uncertain: number;
  readonly abstains: number;
  readonly cpuMs: number;
  readonly energyMj: number;
  readonly basis: EnergyBasis;
  /** CPU time over the time listened, 0 to 1. */
  readonly dutyCycle: number;
  readonly latencyMs: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
  };
  /** What loading it added to the heavy process, 10^6 bytes; null until it was asked there. */
  readonly memoryMb: number | null;
}

/** A stage of a source's cascade: its part, its name in trails, and where its confidence is cut. */
export interface StageDescription {
  readonly role: 'gate' | 'tiny' | 'heavy' | 'endpointer' | 'recogniser';
  readonly stage: string;
  /** Null where the stage has no calibrated confidence. */
  readonly thresholds: Thresholds | null;
}

/** Everything the stages of a source did together. */
export interface Totals {
  readonly calls: number;
  readonly cpuMs: number;
  readonly energyMj: number;
}

/**
 * What goes to dashboards and metrics between events; lossy by design, never logged.
 * `level` comes at most ten times a second a source.
 */
export type Telemetry =
  | {
      /** What a source is; sent when it opens and whenever it changes. */
      readonly type: 'source';
      readonly source: string;
      readonly kind: 'voice' | 'sensor';
      /** What a person calls it: a device, a recording's name. */
      readonly title: string;
      readonly rateHz: number;
      readonly channels: readonly ChannelFormat[];
      /** The stages that judge it, cheapest first. */
      readonly stages: readonly StageDescription[];
    }
  | {
      readonly type: 'level';
      readonly source: string;
      readonly sample: number;
      readonly atMs: number;
      /** RMS level of the interval, dB re full scale for audio, dB re 1 unit for sensors. */
      readonly levelDb: number;
      /** The gate's adaptive floor on the same scale. */
      readonly floorDb: number;
      readonly gateOpen: boolean;
      /** Tiny's highest confidence in the interval, and its label; null where no model ran. */
      readonly confidence: number | null;
      readonly label: string | null;
      readonly state: string;
      /** Milliseconds of signal that tiny still learns from before it can notice anything; 0 once it can. */
      readonly learningMs: number;
      /** Newest value of each channel of a sensor (above {@link FAST_RATE_HZ} its level, RMS), empty for audio. */
      readonly values: readonly number[];
    }
  | {
      readonly type: 'counters';
      readonly source: string;
      readonly frames: number;
      readonly listenedMs: number;
      /** Samples that the source's gaps say are missing, as far as they could be counted. */
      readonly lostSamples: number;
      /** What the board drew while it did nothing, over the run so far; shared by all sources, not a stage's. */
      readonly idleEnergyMj: number;
      /** Basis of the idle figure. */
      readonly basis: EnergyBasis;
      readonly stages: readonly StageCounters[];
      /** Kept apart from the stages' own figures, and equal to their sum. */
      readonly totals: Totals;
    };

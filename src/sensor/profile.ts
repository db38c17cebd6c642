import type { CascadeProfile } from '../core/cascade/profile.js';
import type { SignalTraits } from '../core/signal/frame.js';
import type { SensorConfig } from './config.js';
import { WINDOW_ROWS } from './normal/changepoint.js';
import { featuresFor } from './normal/features.js';
import { SMOOTHING_ROWS } from './normal/normal-model.js';
import { type Pace, type PaceContext, paceOf, updateSecondsOf } from './normal/pace.js';

/** Rows kept, so that a slow fault can be looked at again. */
const RING_ROWS = 600;
/** The verifier waits for the rows that follow no longer than this. */
const MOST_WAIT_MS = 60_000;
/** Rows without an alarm that end a fault. */
const END_ROWS = 1;
/** Mean age of what an exponential smoother shows: by so much tiny is late to see the end. */
const LATE_ROWS = SMOOTHING_ROWS - 1;
/** Fast signals are handed on in hops of this many a row. */
const HOPS_PER_ROW = 4;

/** What a cascade can do with a signal of a given rate. */
export function sensorPace(config: SensorConfig, rateHz: number): Pace {
  const features = featuresFor(config.features, rateHz, config.rowSeconds);
  return paceOf(rateHz, features, { ...config, maxAlarmSeconds: config.track.maxSeconds });
}

/** What is told beside it. */
export function paceContext({ normal, timeZone, track }: SensorConfig): PaceContext {
  return { from: normal?.from ?? null, timeZone, updateSeconds: track.updateSeconds };
}

/** Maps a `sensor` cascade of the configuration to what the engine takes, for a signal of a given rate. */
export function sensorProfile(config: SensorConfig, { rateHz }: SignalTraits): CascadeProfile {
  const { heavy, track, policy } = config;
  const { rowSamples } = featuresFor(config.features, rateHz, config.rowSeconds);
  const pace = sensorPace(config, rateHz);
  const rowMs = pace.rowSeconds * 1000;
  const maxMs = pace.maxAlarmRows * rowMs;
  return {
    hopSamples: Math.max(1, Math.floor(rowSamples / HOPS_PER_ROW)),
    ringMs: RING_ROWS * rowMs,
    highPassHz: null,
    silenceAtEndMs: 0,
    gate: null,
    notice: {
      debounceHops: 1,
      refractoryMs: 0,
      rearmHops: 1,
      rearmTimeoutMs: maxMs,
      prefetch: config.thresholds.reject / 2,
      calm: null,
    },
    verify: {
      windowMs: WINDOW_ROWS * rowMs,
      // Where rows are slow, what tiny saw is told at once rather than explained better.
      tailMs: heavy.enabled ? Math.min(heavy.tailRows * rowMs, MOST_WAIT_MS) : 0,
      againMs: null,
    },
    followup: {
      kind: 'track',
      updateMs: updateSecondsOf(pace, track.updateSeconds) * 1000,
      endAfterMs: END_ROWS * rowMs,
      lateMs: LATE_ROWS * rowMs,
      maxMs,
    },
    policy: {
      escalateOn: policy.escalateOn,
      believeTinyAlone: policy.believeTinyAlone,
      believeUncertain: false,
      minConfidence: 0,
      longUtteranceMs: 0,
      answers: Object.fromEntries(
        Object.entries(config.faults).map(([name, answer]) => [
          name,
          typeof answer === 'string' ? answer : name,
        ]),
      ),
    },
    clip: null,
    priority: policy.priority,
  };
}

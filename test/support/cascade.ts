import { Cascade } from '../../src/core/cascade/cascade.js';
import type { CascadeDeps } from '../../src/core/cascade/cascade-deps.js';
import type { Escalation } from '../../src/core/cascade/escalation.js';
import type { CascadeProfile } from '../../src/core/cascade/profile.js';
import { settleNothing } from '../../src/core/cascade/settle.js';
import { neverTimer } from '../../src/core/clock.js';
import type { CascadeEvent } from '../../src/core/events/events.js';
import { nullMeter } from '../../src/core/metering/meter.js';
import type { Frame, Gap, SignalFormat, SourceItem } from '../../src/core/signal/frame.js';
import { LoudnessStage, stillClock } from '../../src/emulator/scripted.js';

/** A rate that makes milliseconds easy: one sample is one millisecond. */
export const RATE_HZ = 1000;
export const HOP = 10;

/** A profile for signals at {@link RATE_HZ} whose loudness is their score. */
export const testProfile: CascadeProfile = {
  hopSamples: HOP,
  ringMs: 5000,
  highPassHz: null,
  silenceAtEndMs: 0,
  gate: null,
  notice: {
    debounceHops: 2,
    refractoryMs: 300,
    rearmHops: 2,
    rearmTimeoutMs: 2000,
    prefetch: 0.3,
    calm: null,
  },
  verify: { windowMs: 500, tailMs: 0, againMs: null },
  followup: { kind: 'none' },
  policy: {
    escalateOn: ['no-match', 'unknown-fault'],
    believeUncertain: false,
    believeTinyAlone: true,
    minConfidence: 0.5,
    longUtteranceMs: 6000,
    answers: {},
  },
  clip: null,
  priority: 0,
};

export const format: SignalFormat = {
  kind: 'format',
  source: 'test',
  rateHz: RATE_HZ,
  channels: [{ name: 'audio', unit: 'FS' }],
};

/** A frame of `test` that begins at `sample`. */
export function frame(data: Float32Array, sample: number): Frame {
  return { kind: 'frame', source: 'test', sample, rateHz: RATE_HZ, channels: 1, data };
}

/** A loss at `sample`. */
export function gap(sample: number, lostSamples: number): Gap {
  return { kind: 'gap', source: 'test', sample, lostSamples, reason: 'overrun' };
}

/** Loudness for so many milliseconds each, one after the other; the sign alternates, as the gate ignores an offset. */
export function signal(...parts: readonly (readonly [level: number, durationMs: number])[]): Float32Array {
  const levels = parts.flatMap(([level, durationMs]) => new Array<number>(durationMs).fill(level));
  return Float32Array.from(levels, (level, i) => (i % 2 === 0 ? level : -level));
}

/** A cascade with its events and escalations kept. */
export function harness(profile: Partial<CascadeProfile> = {}, deps: Partial<CascadeDeps> = {}) {
  const events: CascadeEvent[] = [];
  const escalations: Escalation[] = [];
  const counts = { prepared: 0 };
  const cascade = new Cascade(
    { ...testProfile, ...profile },
    {
      source: 'test',
      ids: 'test',
      run: 'run',
      tiny: new LoudnessStage('tiny'),
      heavy: new LoudnessStage('heavy'),
      recogniser: null,
      endpointer: null,
      settle: settleNothing,
      uplink: {
        prepare: () => {
          counts.prepared += 1;
        },
        offer: (escalation) => escalations.push(escalation),
      },
      otherSources: () => [],
      cloudAway: () => false,
      company: null,
      emit: (event) => events.push(event),
      telemetry: null,
      meter: nullMeter,
      clock: stillClock,
      timer: neverTimer,
      ...deps,
    },
  );
  const play = async (...items: readonly SourceItem[]) => {
    for (const item of items) await cascade.push(item);
  };
  return { cascade, events, escalations, counts, play, types: () => events.map(({ type }) => type) };
}

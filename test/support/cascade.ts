import { Cascade, type CascadeDeps } from '../../src/core/cascade/cascade.js';
import type { Escalation } from '../../src/core/cascade/escalation.js';
import type { CascadeProfile } from '../../src/core/cascade/profile.js';
import { settleNothing } from '../../src/core/cascade/settle.js';
import type { Decision, Recogniser, Recognition, Stage, Window } from '../../src/core/cascade/stage.js';
import { type Clock, neverTimer } from '../../src/core/clock.js';
import type { CascadeEvent } from '../../src/core/events/events.js';
import { nullMeter } from '../../src/core/metering/meter.js';
import type { Frame, Gap, SignalFormat, SourceItem } from '../../src/core/signal/frame.js';
import { judge, type Thresholds } from '../../src/core/thresholds.js';

/** A rate that makes milliseconds easy: one sample is one millisecond. */
export const RATE_HZ = 1000;
export const HOP = 10;

/** Stands still. */
export const stillClock: Clock = { wallMs: () => 0, monotonicMs: () => 0, cpuMs: () => 0 };

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
    prefetchConfidence: 0.3,
  },
  verify: { windowMs: 500, tailMs: 0, againMs: null },
  followup: { kind: 'none' },
  policy: {
    escalateOn: ['no-match', 'unknown-fault'],
    believeUncertain: false,
    believeTinyAlone: true,
    settleMinConfidence: 0.5,
    longUtteranceMs: 6000,
    answers: {},
  },
  clip: null,
  priority: 0,
};

const mid: Thresholds = { accept: 0.6, reject: 0.4 };

/** Judges a window by its loudest sample: the signal itself says what the model would. Counts what it is asked. */
export class LoudnessStage implements Stage {
  readonly budgetMs = 1000;
  calls = 0;
  resets = 0;
  prepared = 0;
  readonly windows: { startSample: number; endSample: number }[] = [];

  constructor(
    readonly name: string,
    readonly thresholds: Thresholds = mid,
    readonly answer: (decision: Decision) => Decision | Promise<Decision> = (decision) => decision,
  ) {}

  decide(window: Window): Decision | Promise<Decision> {
    this.calls += 1;
    this.windows.push({
      startSample: window.startSample,
      endSample: window.startSample + window.data.length / window.channels,
    });
    const score = window.data.reduce((loudest, value) => Math.max(loudest, Math.abs(value)), 0);
    return this.answer({
      kind: judge(score, this.thresholds),
      stage: this.name,
      label: 'wake',
      score,
      confidence: score,
      contributions: [],
    });
  }

  reset(): void {
    this.resets += 1;
  }

  prepare(): void {
    this.prepared += 1;
  }

  async dispose(): Promise<void> {}
}

export const format: SignalFormat = {
  kind: 'format',
  source: 'test',
  rateHz: RATE_HZ,
  channels: [{ name: 'audio', unit: 'FS' }],
  hopSamples: HOP,
};

/** A frame of `test` that begins at `sample`. */
export function frame(data: Float32Array, sample: number, seq = 0): Frame {
  return { kind: 'frame', source: 'test', seq, sample, rateHz: RATE_HZ, channels: 1, data };
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

/** A recogniser that hears the same every time, and remembers which samples it was shown. */
export class ScriptedRecogniser implements Recogniser {
  readonly name = 'words';
  readonly budgetMs = 1000;
  readonly windows: { startSample: number; endSample: number }[] = [];

  constructor(readonly answer: Recognition) {}

  async recognise({ startSample, data }: Window): Promise<Recognition> {
    this.windows.push({ startSample, endSample: startSample + data.length });
    return this.answer;
  }

  async dispose(): Promise<void> {}
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

import type { CascadeEvent, TrailEntry } from '../../src/core/events/events.js';
import { EVENT_VERSION } from '../../src/core/events/version.js';
import type { StageCounters, Telemetry } from '../../src/core/metering/telemetry.js';
import type { EventBus } from '../../src/events/bus.js';

const START = Date.UTC(2026, 10, 22, 9, 0, 0);
const VOICE_HZ = 16_000;
const PUMP_CHANNELS = ['Accelerometer 1', 'Accelerometer 2', 'Current', 'Pressure', 'Temperature', 'Flow'];
const PUMP_UNITS = ['g', 'g', 'A', 'bar', '°C', 'l/min'];

interface Cue {
  readonly atMs: number;
  readonly play: (bus: EventBus) => void;
}

/** Plays a made-up house on a bus up to `untilMs`: a kitchen that is spoken to and a pump that fails. */
export function playHouse(bus: EventBus, untilMs: number): void {
  const cues = [...levels(), ...kitchen(), ...pump(), ...counters()];
  for (const cue of cues.toSorted((left, right) => left.atMs - right.atMs)) {
    if (cue.atMs <= untilMs) cue.play(bus);
  }
}

function levels(): Cue[] {
  const cues: Cue[] = [
    { atMs: 0, play: (bus) => bus.telemetry(describe('kitchen', 'voice')) },
    { atMs: 0, play: (bus) => bus.telemetry(describe('pump', 'sensor')) },
  ];
  for (let step = 0; step <= 900; step++) {
    const atMs = step * 100;
    cues.push({ atMs, play: (bus) => bus.telemetry(kitchenLevel(atMs)) });
    cues.push({ atMs, play: (bus) => bus.telemetry(pumpLevel(atMs)) });
  }
  return cues;
}

/** Spoken passages of the kitchen: begin, end, tiny's confidence at its peak, state. */
const PASSAGES = [
  { fromMs: 12_000, toMs: 13_200, peak: 0.62 },
  { fromMs: 26_000, toMs: 29_600, peak: 0.97 },
  { fromMs: 48_000, toMs: 53_400, peak: 0.94 },
  { fromMs: 70_000, toMs: 71_000, peak: 0.3 },
] as const;

function kitchenLevel(atMs: number): Telemetry {
  const passage = PASSAGES.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
  const wobble = Math.sin(atMs / 170) * 1.5 + Math.sin(atMs / 61) * 1.1;
  const into = passage === undefined ? 0 : (atMs - passage.fromMs) / 800;
  return {
    type: 'level',
    source: 'kitchen',
    sample: (atMs * VOICE_HZ) / 1000,
    atMs,
    levelDb: passage === undefined ? -62 + wobble : -26 + 7 * Math.sin(atMs / 230) + wobble,
    floorDb: -60 + 2 * Math.sin(atMs / 9000),
    gateOpen: passage !== undefined,
    confidence: passage === undefined ? null : passage.peak * Math.exp(-((into - 0.8) ** 2) * 3),
    label: passage === undefined ? null : 'computer',
    state: passage === undefined ? 'napping' : into < 1 ? 'armed' : 'utterance',
    learningMs: 0,
    values: [],
  };
}

function pumpLevel(atMs: number): Telemetry {
  const fault = atMs >= 58_000 ? Math.min(1, (atMs - 58_000) / 4000) : 0;
  const wave = (periodMs: number) => Math.sin((2 * Math.PI * atMs) / periodMs);
  return {
    type: 'level',
    source: 'pump',
    sample: atMs / 100,
    atMs,
    levelDb: -12 + wave(4000) + fault * 9,
    floorDb: -14,
    gateOpen: true,
    confidence: 0.06 + 0.04 * wave(7000) ** 2 + 0.85 * fault,
    label: 'anomaly',
    state: fault > 0.7 ? 'tracking' : 'armed',
    learningMs: 0,
    values: [
      0.03 + 0.01 * wave(900) + 0.08 * fault * wave(300),
      0.04 + 0.01 * wave(1100) + 0.03 * fault * wave(310),
      1.2 + 0.1 * wave(5000) + 0.5 * fault,
      atMs > 40_000 && atMs < 41_500 ? Number.NaN : 2.4 + 0.05 * wave(8000) - 0.9 * fault,
      71 + 0.4 * wave(30_000) + 2 * fault,
      32 + 0.6 * wave(6000) - 9 * fault,
    ],
  };
}

function describe(source: string, kind: 'voice' | 'sensor'): Telemetry {
  const voice = kind === 'voice';
  return {
    type: 'source',
    source,
    kind,
    title: voice ? 'evening.wav' : 'bearing rig over serial',
    rateHz: voice ? VOICE_HZ : 10,
    channels: voice
      ? [{ name: 'audio', unit: 'FS' }]
      : PUMP_CHANNELS.map((name, index) => ({ name, unit: PUMP_UNITS[index] ?? '' })),
    stages: voice
      ? [
          { role: 'tiny', stage: 'wake-tiny', thresholds: { accept: 0.8, reject: 0.4 } },
          { role: 'heavy', stage: 'wake-heavy', thresholds: { accept: 0.9, reject: 0.5 } },
          { role: 'recogniser', stage: 'moonshine', thresholds: { accept: 0.7, reject: 0.4 } },
        ]
      : [
          { role: 'tiny', stage: 'anomaly-tiny', thresholds: { accept: 0.7, reject: 0.5 } },
          { role: 'heavy', stage: 'anomaly-heavy', thresholds: { accept: 0.8, reject: 0.5 } },
        ],
  };
}

function step(
  stage: string,
  kind: 'accept' | 'reject' | 'uncertain',
  confidence: number,
  atMs: number,
  cost: readonly [latencyMs: number, cpuMs: number],
  rateHz = VOICE_HZ,
): TrailEntry {
  return {
    kind,
    stage,
    label: 'x',
    score: confidence,
    confidence,
    contributions: [],
    sample: Math.round((atMs * rateHz) / 1000),
    measured: { latencyMs: cost[0], cpuMs: cost[1], energyMj: cost[1] * 1.13, basis: 'modelled' },
  };
}

let counter = 0;

function runtime(source: string, atMs: number) {
  counter += 1;
  return {
    v: EVENT_VERSION,
    id: `${source}/${counter}`,
    measured: { wallTime: new Date(START + atMs).toISOString(), run: 'run-1', latencyMs: 21 },
  } as const;
}

function about(source: string, label: string, detection: string, atMs: number, rateHz = VOICE_HZ) {
  return {
    ...runtime(source, atMs),
    source,
    sample: Math.round((atMs * rateHz) / 1000),
    atMs,
    detection,
    label,
  };
}

function at(atMs: number, make: () => CascadeEvent): Cue {
  return { atMs, play: (bus) => bus.publish(make()) };
}

function kitchen(): Cue[] {
  const noticed = (atMs: number, confidence: number): TrailEntry[] => [
    step('wake-tiny', confidence >= 0.8 ? 'accept' : 'uncertain', confidence, atMs, [1.4, 1.4]),
  ];
  const refusedTrail = [...noticed(12_700, 0.62), step('wake-heavy', 'reject', 0.12, 12_700, [96, 88])];
  const verified = (atMs: number) => [
    ...noticed(atMs, 0.94),
    step('wake-heavy', 'accept', 0.98, atMs, [84, 79]),
  ];
  const settledTrail = [...verified(26_700), step('moonshine', 'accept', 0.92, 29_600, [410, 395])];
  const askedTrail = [...verified(48_700), step('moonshine', 'accept', 0.81, 53_400, [780, 742])];
  return [
    at(12_700, () => ({
      type: 'noticed',
      ...about('kitchen', 'computer', 'k1', 12_700),
      trail: noticed(12_700, 0.62),
    })),
    at(12_800, () => ({
      type: 'refused',
      ...about('kitchen', 'computer', 'k1', 12_800),
      trail: refusedTrail,
      reasons: ['refused'],
    })),
    at(26_700, () => ({
      type: 'noticed',
      ...about('kitchen', 'computer', 'k2', 26_700),
      trail: noticed(26_700, 0.94),
    })),
    at(26_790, () => ({
      type: 'verified',
      ...about('kitchen', 'computer', 'k2', 26_790),
      trail: verified(26_700),
      degraded: false,
      startSample: 26_000 * 16,
    })),
    at(29_600, () => ({
      type: 'utterance',
      ...about('kitchen', 'computer', 'k2', 29_600),
      outcome: 'endpoint',
      startSample: 26_800 * 16,
      endSample: 29_600 * 16,
    })),
    at(30_020, () => ({
      type: 'settled',
      degraded: false,
      ...about('kitchen', 'computer', 'k2', 30_020),
      trail: settledTrail,
      reasons: ['confident', 'matched'],
      transcript: 'set a timer for five minutes',
      intent: 'timer.start',
      slots: { duration: 'five minutes' },
      features: { words: 6 },
    })),
    at(30_060, () => ({
      type: 'action',
      ...runtime('kitchen', 30_060),
      detection: 'k2',
      action: 'mqtt',
      outcome: 'dry-run',
      detail: 'home/timer {"minutes":5}',
    })),
    at(36_000, () => ({
      type: 'gap',
      ...runtime('kitchen', 36_000),
      source: 'kitchen',
      sample: 576_000,
      atMs: 36_000,
      lostSamples: 640,
      reason: 'overrun',
    })),
    at(48_700, () => ({
      type: 'noticed',
      ...about('kitchen', 'computer', 'k3', 48_700),
      trail: noticed(48_700, 0.94),
    })),
    at(48_790, () => ({
      type: 'verified',
      ...about('kitchen', 'computer', 'k3', 48_790),
      trail: verified(48_700),
      degraded: false,
      startSample: 48_000 * 16,
    })),
    at(53_400, () => ({
      type: 'utterance',
      ...about('kitchen', 'computer', 'k3', 53_400),
      outcome: 'endpoint',
      startSample: 48_800 * 16,
      endSample: 53_400 * 16,
    })),
    at(54_200, () => ({
      type: 'escalated',
      degraded: false,
      ...about('kitchen', 'computer', 'k3', 54_200),
      trail: askedTrail,
      reasons: ['no-match', 'long-utterance'],
      transcript: 'what should i cook with two eggs some rice and half a cucumber',
      features: { words: 13 },
    })),
    at(55_000, () => ({
      type: 'answer-part',
      ...runtime('kitchen', 55_000),
      detection: 'k3',
      text: 'Egg fried rice, with the cucumber',
    })),
    at(61_900, () => ({
      type: 'sent',
      ...runtime('kitchen', 61_900),
      detection: 'k3',
      provider: 'emulator',
      parts: ['label', 'features', 'transcript'],
      bytesUp: 412,
    })),
    at(62_000, () => ({
      type: 'verdict',
      ...runtime('kitchen', 62_000),
      detection: 'k3',
      provider: 'emulator',
      label: 'answer',
      text: 'Egg fried rice, with the cucumber quick-pickled on the side.',
      cost: { bytesUp: 412, bytesDown: 960, tokens: 148, money: 0.0007, latencyMs: 1240 },
    })),
  ];
}

function pump(): Cue[] {
  const contributions = [
    { channel: 'Flow', share: 0.46 },
    { channel: 'Pressure', share: 0.27 },
    { channel: 'Current', share: 0.17 },
    { channel: 'Accelerometer 1', share: 0.1 },
  ];
  const tiny = step('anomaly-tiny', 'accept', 0.84, 61_000, [0.02, 0.02], 10);
  const heavy = {
    ...step('anomaly-heavy', 'accept', 0.91, 61_000, [38, 35], 10),
    contributions,
  } as TrailEntry;
  const base = (atMs: number) => about('pump', 'valve-closed', 'p1', atMs, 10);
  return [
    at(61_000, () => ({ type: 'noticed', ...base(61_000), trail: [tiny] })),
    at(61_100, () => ({
      type: 'verified',
      ...base(61_100),
      trail: [tiny, heavy],
      degraded: false,
      startSample: 580,
    })),
    at(61_200, () => ({
      type: 'escalated',
      degraded: false,
      ...base(61_200),
      trail: [tiny, heavy],
      reasons: ['unknown-fault'],
      transcript: null,
      features: { channels: 6 },
    })),
    at(63_000, () => ({
      type: 'health',
      ...runtime('uplink', 63_000),
      component: 'uplink/emulator',
      state: 'degraded',
      code: 'UPLINK_TIMEOUT',
      detail: 'no reply for 5 s, trying again',
    })),
    at(66_000, () => ({ type: 'updated', ...base(66_000), trail: [{ ...heavy }] })),
    at(
      72_000,
      () =>
        ({
          type: 'arbitration',
          ...runtime('house', 72_000),
          winner: 'kitchen',
          loser: 'hall',
        }) as unknown as CascadeEvent,
    ),
  ];
}

function stage(
  name: string,
  calls: number,
  accepts: number,
  uncertain: number,
  latencyMs: number,
): StageCounters {
  return {
    stage: name,
    calls,
    accepts,
    rejects: calls - accepts - uncertain,
    uncertain,
    abstains: 0,
    cpuMs: calls * latencyMs,
    energyMj: calls * latencyMs * 1.13,
    basis: 'modelled',
    dutyCycle: (calls * latencyMs) / 90_000,
    latencyMs: { p50: latencyMs, p90: latencyMs * 1.2, p99: latencyMs * 1.9, max: latencyMs * 3.1 },
    memoryMb: null,
  };
}

function counters(): Cue[] {
  return Array.from({ length: 90 }, (_, second) => ({
    atMs: second * 1000,
    play: (bus: EventBus) => {
      bus.telemetry(countersOf('kitchen', second, 50, 0.16, 1.3));
      bus.telemetry(countersOf('pump', second, 10, 1, 0.02));
    },
  }));
}

function countersOf(source: string, second: number, rate: number, open: number, tinyMs: number): Telemetry {
  const frames = second * rate;
  const heavyCalls = Math.floor(second / 24);
  const stages = [
    stage('runtime', 0, 0, 0, 0),
    stage('gate', frames, Math.floor(frames * open), 0, 0.004),
    stage('tiny', Math.floor(frames * open), heavyCalls, 1, tinyMs),
    stage('heavy', heavyCalls, Math.max(0, heavyCalls - 1), 0, 88),
  ];
  const sum = (pick: (row: StageCounters) => number) => stages.reduce((total, row) => total + pick(row), 0);
  return {
    type: 'counters',
    source,
    frames,
    listenedMs: second * 1000,
    lostSamples: 0,
    idleEnergyMj: second * 1000 * 2.25,
    basis: 'modelled',
    stages,
    totals: {
      calls: sum((row) => row.calls),
      cpuMs: sum((row) => row.cpuMs),
      energyMj: sum((row) => row.energyMj),
    },
  };
}

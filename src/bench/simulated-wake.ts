import type { CascadeEvent, TrailEntry } from '../core/events/events.js';
import { EVENT_VERSION } from '../core/events/version.js';

const DAY_MS = 86_400_000;
const BEGIN_MS = Date.parse('2026-01-01T00:00:00Z');

/** How a house is: shifts of both stages' logits, noises noticed for each real word, share escalated, price. */
export interface Conditions {
  readonly tiny: number;
  readonly heavy: number;
  readonly noise: number;
  readonly escalated: number;
  readonly price: number;
}

/** A house in which nothing has changed. */
export const USUAL: Conditions = { tiny: 0, heavy: 0, noise: 0.5, escalated: 0.2, price: 1 };

/** The events of one wake-up. */
export function* wakeOf(
  count: number,
  day: number,
  { tiny, heavy, noise, escalated, price }: Conditions,
  mood: number,
  random: () => number,
): Iterable<CascadeEvent> {
  const isNoise = random() < noise / (1 + noise);
  const confidence = (middle: number) => 1 / (1 + Math.exp(-(middle + mood + gauss(random))));
  const trail = [
    entryOf('wake-tiny', confidence((isNoise ? -0.5 : 1.5) + tiny)),
    entryOf('wake-heavy', confidence((isNoise ? -3 : 3) + heavy)),
  ];
  const wallTime = new Date(BEGIN_MS + day * DAY_MS).toISOString();
  const measured = { wallTime, run: 'r', latencyMs: 30 };
  const of = { v: EVENT_VERSION, id: `kitchen/${count}`, measured, detection: `kitchen/d${count}` } as const;
  const about = { ...of, source: 'kitchen', sample: count, atMs: count, label: 'alexa', trail };
  if ((trail[1]?.kind ?? 'reject') === 'reject') {
    yield { ...about, type: 'refused', reasons: ['refused'] };
    return;
  }
  yield { ...about, type: 'verified', degraded: false, startSample: 0 };
  const decided = { ...about, reasons: [], degraded: false, transcript: null, features: {} };
  if (random() >= escalated) {
    yield { ...decided, type: 'settled', intent: 'light', slots: {} };
    return;
  }
  yield { ...decided, type: 'escalated' };
  const latencyMs = 600 * Math.exp(0.4 * gauss(random));
  const cost = {
    bytesUp: 900,
    bytesDown: 300,
    tokens: 300,
    money: price * 0.001 * Math.exp(0.4 * gauss(random)),
    latencyMs,
  };
  yield { ...of, type: 'verdict', provider: 'cloud', label: 'x', text: 'x', cost };
}

function entryOf(stage: string, confidence: number): TrailEntry {
  const kind = confidence >= 0.5 ? 'accept' : 'reject';
  return {
    kind,
    stage,
    label: 'alexa',
    score: confidence,
    confidence,
    contributions: [],
    sample: 0,
    measured: null,
  };
}

/** Two uniform draws as one normal one (Box and Muller, 1958). */
export function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

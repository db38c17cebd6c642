import type { CascadeEvent, TrailEntry } from '../core/events/events.js';
import { EVENT_VERSION } from '../core/events/version.js';

const DAY_MS = 86_400_000;
const BEGIN_MS = Date.parse('2026-01-01T00:00:00Z');

/** Who speaks: how high, in semitones above 100 Hz, how loud, and what heavy and the cloud make of it. */
export interface Speaker {
  readonly semitones: number;
  readonly levelDb: number;
  /** Shift of heavy's logit. */
  readonly heavy: number;
  /** Share of what is said that the cloud is asked about. */
  readonly escalated: number;
}

/** How a house is: shifts of both stages' logits, noises noticed for each real word, price, gain, noise floor. */
export interface Conditions {
  readonly tiny: number;
  readonly heavy: number;
  readonly noise: number;
  readonly price: number;
  readonly gainDb: number;
  readonly floorDb: number;
  /** Share of the words that somebody new says. */
  readonly newcomer: number;
}

/** A house in which nothing has changed. */
export const USUAL: Conditions = {
  tiny: 0,
  heavy: 0,
  noise: 0.5,
  price: 1,
  gainDb: 0,
  floorDb: -58,
  newcomer: 0,
};

/** Who lives in a house, how a day is, and what has changed. */
export interface House {
  readonly residents: readonly Speaker[];
  readonly newcomer: Speaker;
  /** Shifts of a day: of both stages' logits, and of its noise floor. */
  readonly mood: number;
  readonly moodDb: number;
  readonly conditions: Conditions;
}

/**
 * Semitones by which speakers of `commands.csv` and `wuw.csv` differ (4.7 and 4.7), and one of them from word to word
 * (3.1 and 3.6), by `pitchOf`.
 */
const PITCH = { between: 4.7, within: 3.3 } as const;
const MIDDLE_SEMITONES = 7;
/** Guesses, as the shifts of scores are: how far a house's levels lie apart. */
const LEVEL = { wordDb: -28, between: 3, within: 5, noiseDb: -34, floorWithin: 3 } as const;

/** A house where two live, on a day like any other. */
export function houseOf(random: () => number): House {
  const residents = [speakerOf(random, USUAL_SPEAKER), speakerOf(random, USUAL_SPEAKER)];
  // Who is new is heard worse, and asks for more that is not settled here.
  const newcomer = speakerOf(random, { heavy: -1, escalated: 0.3 });
  return { residents, newcomer, mood: 0, moodDb: 0, conditions: USUAL };
}

const USUAL_SPEAKER = { heavy: 0, escalated: 0.2 } as const;

function speakerOf(random: () => number, of: Pick<Speaker, 'heavy' | 'escalated'>): Speaker {
  const semitones = MIDDLE_SEMITONES + PITCH.between * gauss(random);
  return { ...of, semitones, levelDb: LEVEL.wordDb + LEVEL.between * gauss(random) };
}

/** The events of one wake-up, and what comes of it. */
export function* wakeOf(
  count: number,
  day: number,
  { residents, newcomer, mood, moodDb, conditions }: House,
  random: () => number,
): Iterable<CascadeEvent> {
  const { tiny, heavy, noise, price, gainDb, floorDb } = conditions;
  const isNoise = random() < noise / (1 + noise);
  const isNew = random() < conditions.newcomer;
  const speaker = isNew ? newcomer : (residents[Math.floor(random() * residents.length)] ?? newcomer);
  const confidence = (middle: number) => 1 / (1 + Math.exp(-(middle + mood + gauss(random))));
  const trail = [
    entryOf('wake-tiny', confidence((isNoise ? -0.5 : 1.5) + tiny)),
    entryOf('wake-heavy', confidence((isNoise ? -3 : 3 + speaker.heavy) + heavy)),
  ];
  const sound = {
    levelDb: gainDb + (isNoise ? LEVEL.noiseDb : speaker.levelDb) + LEVEL.within * gauss(random),
    floorDb: gainDb + floorDb + moodDb + LEVEL.floorWithin * gauss(random),
    pitchHz: isNoise ? null : 100 * 2 ** ((speaker.semitones + PITCH.within * gauss(random)) / 12),
  };
  const wallTime = new Date(BEGIN_MS + day * DAY_MS).toISOString();
  const measured = { wallTime, run: 'r', latencyMs: 30 };
  const of = { v: EVENT_VERSION, id: `kitchen/${count}`, measured, detection: `kitchen/d${count}` } as const;
  const about = { ...of, source: 'kitchen', sample: count, atMs: count, label: 'alexa', trail };
  if ((trail[1]?.kind ?? 'reject') === 'reject') {
    yield { ...about, sound, type: 'refused', reasons: ['refused'] };
    return;
  }
  yield { ...about, sound, type: 'verified', degraded: false, startSample: 0 };
  const decided = { ...about, reasons: [], degraded: false, transcript: null, features: {} };
  if (random() >= speaker.escalated) {
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

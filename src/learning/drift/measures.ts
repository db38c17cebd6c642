import { type CascadeEvent, type EventOf, sourceOf } from '../../core/events/events.js';

/** What is watched of every source, and how it is said. */
export const MEASURES = {
  tiny: "tiny's confidence in what it noticed",
  heavy: "heavy's confidence in what it was shown",
  refused: 'share of wake-ups that heavy refuses',
  gap: 'time from one wake-up to the next',
  level: 'loudness of what is believed',
  floor: 'noise floor',
  pitch: 'pitch of who is believed',
  escalated: 'share of what is believed that the cloud is asked about',
  energy: 'energy a wake-up takes',
  money: 'money a call',
  latency: 'time a call takes',
} as const;

export type Measure = keyof typeof MEASURES;

/** A value of a measure of a source, in the measure's own unit. */
export type Measured = readonly [source: string, measure: Measure, value: number];

/** Detections that two events may tell of. */
const SEEN_MAX = 1_000;
const HOUR_MS = 3_600_000;

/** Reads the measures off events. The first that tells whether a detection is believed counts. */
export class MeasureReader {
  readonly #seen = new Set<string>();
  /** By source: when it last woke, and when its noise floor was last looked at; wall milliseconds. */
  readonly #wokeMs = new Map<string, number>();
  readonly #floorMs = new Map<string, number>();

  /** What an event says of the measures. */
  of(event: CascadeEvent): readonly Measured[] {
    switch (event.type) {
      case 'verified':
      case 'refused':
        return this.#isNew(event.detection) ? [...ofWake(event), ...this.#ofTime(event)] : [];
      case 'settled':
      case 'escalated':
        return [[event.source, 'escalated', event.type === 'escalated' ? 1 : 0]];
      case 'verdict': {
        const { money, latencyMs } = event.cost;
        const source = sourceOf(event.detection);
        return [...(money > 0 ? [[source, 'money', money] as const] : []), [source, 'latency', latencyMs]];
      }
      default:
        return [];
    }
  }

  #isNew(detection: string): boolean {
    if (this.#seen.has(detection)) return false;
    this.#seen.add(detection);
    if (this.#seen.size > SEEN_MAX)
      for (const oldest of [...this.#seen].slice(0, SEEN_MAX / 2)) this.#seen.delete(oldest);
    return true;
  }

  #ofTime({ source, measured, sound }: EventOf<'verified' | 'refused'>): readonly Measured[] {
    const atMs = Date.parse(measured?.wallTime ?? '');
    if (!Number.isFinite(atMs)) return [];
    const gapMs = atMs - (this.#wokeMs.get(source) ?? atMs);
    this.#wokeMs.set(source, atMs);
    const found: Measured[] = gapMs > 0 ? [[source, 'gap', gapMs / 60_000]] : [];
    // One value does not foretell the next: the room is the same a minute later, and may be another in an hour.
    const floorMs = this.#floorMs.get(source) ?? Number.NEGATIVE_INFINITY;
    if (sound?.floorDb == null || atMs - floorMs < HOUR_MS) return found;
    this.#floorMs.set(source, atMs);
    return [...found, [source, 'floor', sound.floorDb]];
  }
}

function ofWake(event: EventOf<'verified' | 'refused'>): readonly Measured[] {
  const { source, type, trail, sound } = event;
  const [tiny, heavy] = trail;
  const of = (measure: 'tiny' | 'heavy', entry: typeof tiny): readonly Measured[] =>
    entry === undefined || entry.kind === 'abstain' ? [] : [[source, measure, entry.confidence]];
  const energyMj = trail.reduce((sum, { measured }) => sum + (measured?.energyMj ?? 0), 0);
  const found: Measured[] = [...of('tiny', tiny), ...of('heavy', heavy)];
  found.push([source, 'refused', type === 'refused' ? 1 : 0]);
  if (energyMj > 0) found.push([source, 'energy', energyMj]);
  // What is refused is no voice of the house.
  if (type === 'refused' || sound === undefined) return found;
  found.push([source, 'level', sound.levelDb]);
  if (sound.pitchHz !== null) found.push([source, 'pitch', sound.pitchHz]);
  return found;
}

/** A value on the scale on which equal steps mean as much: logits, decibels, semitones, logarithms. */
export function onScale(value: number, measure: Measure): number {
  switch (measure) {
    case 'level':
    case 'floor':
      return value;
    case 'pitch':
      return 12 * Math.log2(value);
    case 'gap':
    case 'energy':
    case 'money':
    case 'latency':
      return Math.log(Math.max(value, 1e-9));
    case 'tiny':
    case 'heavy':
    case 'refused':
    case 'escalated': {
      const p = Math.min(0.999, Math.max(0.001, value));
      return Math.log(p / (1 - p));
    }
  }
}

/** How a value of a measure is written: its unit, and decimals at least. */
const WRITTEN: Readonly<Record<Measure, { readonly unit: string; readonly decimals: number }>> = {
  tiny: { unit: '', decimals: 2 },
  heavy: { unit: '', decimals: 2 },
  refused: { unit: '', decimals: 2 },
  gap: { unit: ' minutes', decimals: 0 },
  level: { unit: ' dBFS', decimals: 1 },
  floor: { unit: ' dBFS', decimals: 1 },
  pitch: { unit: ' Hz', decimals: 0 },
  escalated: { unit: '', decimals: 2 },
  energy: { unit: ' mJ', decimals: 0 },
  money: { unit: '', decimals: 3 },
  latency: { unit: ' ms', decimals: 0 },
};
const DECIMALS_MAX = 6;

/** From one value to another in the measure's own unit, with as many decimals as tell them apart. */
export function fromTo(from: number, to: number, measure: Measure): string {
  const { unit, decimals } = WRITTEN[measure];
  const apart = from === to ? 0 : Math.ceil(-Math.log10(Math.abs(to - from)));
  const places = Math.min(DECIMALS_MAX, Math.max(decimals, apart));
  return `from ${from.toFixed(places)}${unit} to ${to.toFixed(places)}${unit}`;
}

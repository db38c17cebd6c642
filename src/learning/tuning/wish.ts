import type { Interval } from '../../core/intervals.js';
import { hoursFor, type Outcome, tellsRates } from './tuning.js';

/** What is wished of thresholds: of what is within all limits, that which misses least, or weighs least. */
export interface Wish {
  /** Most false accepts an hour; null: any. */
  readonly falseAcceptsPerHour: number | null;
  /** Most that may be believed, and so could ask the cloud, an hour; null: any. */
  readonly believedPerHour: number | null;
  /** How much each counts; null: only what is missed does. */
  readonly weights: Weights | null;
}

/** How much cost, quality and latency count beside each other. */
export interface Weights {
  readonly cost: number;
  readonly quality: number;
  readonly latency: number;
}

/**
 * The point of a front that fulfils the wish best; where none is within its limits, the last, which accepts least. Null
 * of an empty front.
 *
 * @param front from the one that misses least to the one that accepts least
 */
export function chooseFor<Of extends Outcome>(front: readonly Of[], wish: Wish): Of | null {
  const { falseAcceptsPerHour, believedPerHour, weights } = wish;
  const within = front.filter(
    (point) =>
      point.falseAcceptsPerHour <= (falseAcceptsPerHour ?? Number.POSITIVE_INFINITY) &&
      believedPerHourOf(point) <= (believedPerHour ?? Number.POSITIVE_INFINITY),
  );
  if (within.length === 0) return front.at(-1) ?? null;
  return weights === null ? (within[0] ?? null) : lightest(within, weights);
}

/**
 * How far a wish is kept: by no point of the front (`cannot`); where it was chosen, and not on groups it was not chosen
 * on (`not-elsewhere`); there too, but by too little to promise it at 95% (`unproven`); or promised so (`kept`).
 */
export type Standing = 'cannot' | 'not-elsewhere' | 'unproven' | 'kept';

/** How far a wish is kept, and what it would take. */
export interface WishKept {
  readonly standing: Standing;
  /** What keeps it from being kept and what would help, for a person; empty where it is kept. */
  readonly needs: readonly string[];
}

/** What is known of a choice. */
export interface Judged {
  /** From the one that misses least to the one that accepts least. */
  readonly front: readonly Outcome[];
  /** What the choice brings on groups it was not made on; null of a single group. */
  readonly elsewhere: Outcome | null;
  /** The false accepts an hour there, at 95%. */
  readonly bounds: Interval | null;
}

/** How far a wish is kept by what was chosen for it. */
export function keptBy({ front, elsewhere, bounds }: Judged, wish: Wish): WishKept {
  const most = wish.falseAcceptsPerHour;
  const cannot = [...overFalse(front, wish), ...overBudget(front, wish)];
  if (cannot.length > 0) return { standing: 'cannot', needs: cannot };
  if (elsewhere === null)
    return { standing: 'unproven', needs: ['recordings of at least two groups (voices, rooms, days)'] };
  if (elsewhere.falseAcceptsPerHour > (most ?? Number.POSITIVE_INFINITY))
    return notElsewhere(
      elsewhere,
      `${perDay(elsewhere.falseAcceptsPerHour)} false alarms a day: recordings of more voices and of what is taken for words, or a wish of that`,
    );
  if (believedPerHourOf(elsewhere) > (wish.believedPerHour ?? Number.POSITIVE_INFINITY))
    return notElsewhere(
      elsewhere,
      `${perDay(believedPerHourOf(elsewhere))} cloud calls a day: a budget of that`,
    );
  if (most === null || (bounds !== null && bounds.high <= most)) return { standing: 'kept', needs: [] };
  const hours = Math.max(0, hoursFor(most) - elsewhere.hours).toFixed(0);
  return {
    standing: 'unproven',
    needs: [`${hours} h more of listening without a false accept to promise it at 95%`],
  };
}

/** What is needed where a count over so short a time is no rate. */
const MORE_LISTENING = 'more listening: so little of it says nothing of a day';

function notElsewhere(elsewhere: Outcome, rate: string): WishKept {
  const need = tellsRates(elsewhere) ? `where it was not chosen ${rate}` : MORE_LISTENING;
  return { standing: 'not-elsewhere', needs: [need] };
}

/** Why no point accepts as little as is wished. */
function overFalse(front: readonly Outcome[], { falseAcceptsPerHour: most }: Wish): readonly string[] {
  const least = front.toSorted((a, b) => a.falseAcceptsPerHour - b.falseAcceptsPerHour)[0];
  if (least === undefined) return ['detections to choose by: nothing was noticed'];
  if (most === null || least.falseAcceptsPerHour <= most) return [];
  if (!tellsRates(least)) return [MORE_LISTENING];
  return [
    `no thresholds have fewer than ${perDay(least.falseAcceptsPerHour)} false alarms a day here` +
      ` (${least.missed} of ${least.words} missed there): another model or word, or a wish of that`,
  ];
}

function overBudget(front: readonly Outcome[], { believedPerHour: most }: Wish): readonly string[] {
  const least = Math.min(...front.map(believedPerHourOf));
  if (most === null || least <= most) return [];
  if (!front.every(tellsRates)) return [MORE_LISTENING];
  return [
    `no thresholds believe less than ${perDay(least)} a day here: a budget of that, or fewer words said`,
  ];
}

function perDay(perHour: number): string {
  return String(Number((perHour * 24).toPrecision(3)));
}

/** Detections that are believed an hour: each asks the cloud at most once. */
function believedPerHourOf({ believed, hours }: Outcome): number {
  return hours === 0 ? 0 : believed / hours;
}

/** Each measure as a share of what it spans over the points, so that none counts by its unit. */
function lightest<Of extends Outcome>(points: readonly Of[], weights: Weights): Of | null {
  const measures: readonly (readonly [number, (point: Of) => number])[] = [
    // What a miss is worth against a false accept is the owner's to say by a limit; here each counts once.
    [weights.quality, ({ missed, words, falseAccepts }) => (missed + falseAccepts) / Math.max(1, words)],
    [weights.cost / 2, ({ energyMj }) => energyMj],
    [weights.cost / 2, ({ money, believed }) => (money === 0 ? believed : money)],
    [weights.latency, ({ latencyP95Ms }) => latencyP95Ms],
  ];
  const scaled = measures.map(([weight, of]) => {
    const values = points.map(of);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return (point: Of) => (high > low ? (weight * (of(point) - low)) / (high - low) : 0);
  });
  const weigh = (point: Of) => scaled.reduce((sum, of) => sum + of(point), 0);
  return points.reduce<Of | null>(
    (best, point) => (best === null || weigh(point) < weigh(best) ? point : best),
    null,
  );
}

import type { Outcome } from './tuning.js';

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

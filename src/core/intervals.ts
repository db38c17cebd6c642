/** A 95% interval. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95% of the normal distribution. */
const Z = 1.959964;
/** One-sided 95% of it. */
const ONE_SIDED_Z = 1.644854;

/** Wilson's score interval of a share (Wilson, JASA 22, 1927). */
export function wilson(hits: number, trials: number): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const share = hits / trials;
  const spread = 1 + Z ** 2 / trials;
  const centre = (share + Z ** 2 / (2 * trials)) / spread;
  const half = (Z / spread) * Math.sqrt((share * (1 - share)) / trials + Z ** 2 / (4 * trials ** 2));
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * Interval of a Poisson count, by Byar's approximation to the exact one (Breslow and Day, "Statistical Methods in
 * Cancer Research" II, 2.3).
 */
export function poisson(count: number): Interval {
  return { low: count === 0 ? 0 : byar(count, -Z), high: byar(count + 1, Z) };
}

function byar(n: number, z: number): number {
  return n * (1 - 1 / (9 * n) + z / (3 * Math.sqrt(n))) ** 3;
}

/**
 * The highest rate per hour that a count in so many hours does not exclude, one-sided 95%: of none, 3 over the hours
 * (rule of three). Infinite for no time at all.
 */
export function mostPerHour(count: number, hours: number): number {
  return byar(count + 1, ONE_SIDED_Z) / hours;
}

/** Interval of a rate per hour. */
export function perHour(count: number, hours: number): Interval {
  if (hours === 0) return { low: 0, high: Number.POSITIVE_INFINITY };
  const { low, high } = poisson(count);
  return { low: low / hours, high: high / hours };
}

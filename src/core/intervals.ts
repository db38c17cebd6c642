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
  return over(hours, poisson(count));
}

/**
 * Exact 95% interval of a rate per hour (Garwood, Biometrika 28, 1936).
 * @param effect see {@link designEffect}
 */
export function perHourExact(count: number, hours: number, effect = 1): Interval {
  const [low, high] = [
    poissonExact(Math.floor(count / effect)).low,
    poissonExact(Math.ceil(count / effect)).high,
  ];
  return over(hours / effect, { low, high });
}

/** What was counted of one group, and of how much: hours, or trials. */
export interface GroupCount {
  readonly count: number;
  readonly of: number;
}

/**
 * By how much what is counted varies more from group to group than chance has it: of a group's voice, room or day all
 * is alike, so that counts hold as much as so many times fewer independent ones (design effect of a ratio: Rao and
 * Scott, Biometrics 48, 1992; of counts: the same, Statistics in Medicine 18, 1999), and more so where few groups tell
 * it (Korn and Graubard, Survey Methodology 24, 1998). At least 1.
 *
 * @param kind counts of events in time, or shares of trials
 */
export function designEffect(groups: readonly GroupCount[], kind: 'events' | 'share'): number {
  const told = groups.filter(({ of }) => of > 0);
  const [count, of] = [sumOf(told, (group) => group.count), sumOf(told, (group) => group.of)];
  const rate = count / of;
  const byChance = count * (kind === 'share' ? 1 - rate : 1);
  if (told.length < 2 || !(byChance > 0)) return 1;
  const squares = sumOf(told, (group) => (group.count - rate * group.of) ** 2);
  const effect = (squares * told.length) / (told.length - 1) / byChance;
  return Math.max(1, effect * (studentT(told.length - 1) / Z) ** 2);
}

/** Two-sided 95% of Student's t, to a hundredth part from three degrees on (Abramowitz and Stegun 26.7.5). */
function studentT(degrees: number): number {
  const second = (Z ** 3 + Z) / 4;
  const third = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96;
  const fourth = (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384;
  return Z + second / degrees + third / degrees ** 2 + fourth / degrees ** 3;
}

function sumOf<Thing>(things: readonly Thing[], value: (thing: Thing) => number): number {
  return things.reduce((sum, thing) => sum + value(thing), 0);
}

function over(hours: number, { low, high }: Interval): Interval {
  if (hours === 0) return { low: 0, high: Number.POSITIVE_INFINITY };
  return { low: low / hours, high: high / hours };
}

/**
 * How many more of a Poisson count are likely, at 95%, in `again` hours after `count` in `hours` hours: those counts
 * that, given the sum of both, are in neither tail of the binomial that deals the sum to the hours (Nelson, Journal of
 * Quality Technology 2, 1970).
 * @param effect see {@link designEffect}; the further hours are of other groups
 */
export function countAgain(count: number, hours: number, again: number, effect = 1): Interval {
  if (hours === 0) return { low: 0, high: Number.POSITIVE_INFINITY };
  const within = (its: number) => poissonAgain(its, hours / effect, again / effect);
  const [low, high] = [within(Math.floor(count / effect)).low, within(Math.ceil(count / effect)).high];
  return { low: Math.floor(low * effect), high: Math.ceil(high * effect) };
}

function poissonAgain(count: number, hours: number, again: number): Interval {
  const share = again / (hours + again);
  const cdf = (of: number, trials: number, p: number) =>
    sumOfLogs(of, (k) => logChoose(trials, k) + k * Math.log(p) + (trials - k) * Math.log1p(-p));
  let low = 0;
  while (cdf(low, count + low, share) < TAIL) low += 1;
  let high = low;
  while (cdf(count, count + high + 1, 1 - share) >= TAIL) high += 1;
  return { low, high };
}

/**
 * Exact 95% interval of a share, whatever is counted (Clopper and Pearson, Biometrika 26, 1934).
 * @param effect see {@link designEffect}
 */
export function shareExact(hits: number, trials: number, effect = 1): Interval {
  const [least, most] = [Math.floor(hits / effect), Math.ceil(hits / effect)];
  const { low } = clopperPearson(least, Math.ceil(trials / effect));
  const { high } = clopperPearson(most, Math.max(most, Math.floor(trials / effect)));
  return { low, high };
}

function clopperPearson(hits: number, trials: number): Interval {
  if (trials === 0) return { low: 0, high: 1 };
  const term = (share: number) => (k: number) =>
    logChoose(trials, k) + k * Math.log(share) + (trials - k) * Math.log1p(-share);
  return exactly(hits, hits === trials ? 1 : null, 1, (share, upTo) => sumOfLogs(upTo, term(share)));
}

/** Exact 95% interval of a Poisson count (Garwood, Biometrika 28, 1936). */
function poissonExact(count: number): Interval {
  const term = (mean: number) => (k: number) => k * Math.log(mean) - mean - logFactorial(k);
  return exactly(count, null, 10 + 3 * count, (mean, upTo) => sumOfLogs(upTo, term(mean)));
}

const TAIL = 0.025;

/**
 * Where a count is at either end of the 95% that are likely.
 * @param cdf probability of counts up to and with `upTo`, falling in the first argument
 */
function exactly(
  count: number,
  top: number | null,
  most: number,
  cdf: (value: number, upTo: number) => number,
): Interval {
  const low = count === 0 ? 0 : bisect(most, (value) => 1 - cdf(value, count - 1) < TAIL);
  return { low, high: top ?? bisect(most, (value) => cdf(value, count) > TAIL) };
}

/** The value from 0 to `most` at which something ceases to hold. */
function bisect(most: number, holds: (value: number) => boolean): number {
  let [low, high] = [0, most];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

function sumOfLogs(upTo: number, log: (k: number) => number): number {
  let sum = 0;
  for (let k = 0; k <= upTo; k++) sum += Math.exp(log(k));
  return Math.min(1, sum);
}

function logChoose(n: number, k: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k);
}

/** Of Stirling's series from 20 on, which is right to ten digits there. */
function logFactorial(n: number): number {
  if (n < 20) {
    let sum = 0;
    for (let k = 2; k <= n; k++) sum += Math.log(k);
    return sum;
  }
  const x = n + 1;
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x ** 3);
}

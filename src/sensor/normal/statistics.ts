/**
 * Chance that a standard normal value lies further from zero than `z` on either side.
 * Complementary error function after Numerical Recipes (Press et al., 3rd ed., 6.2.2, Chebyshev fit,
 * relative error below 1.2e-7 everywhere, so that far tails keep their ratio).
 */
export function twoSidedTail(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  let sum = 0;
  for (let i = ERFC.length - 1; i >= 0; i--) sum = sum * t + (ERFC[i] as number);
  return t * Math.exp(-x * x + sum);
}

const ERFC = [
  -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
  -0.82215223, 0.17087277,
];

/**
 * The normal deviate that is as unlikely as `t` of Student's distribution with `dof` degrees of freedom
 * (Wallace, "Bounds on normal approximations to Student's and the chi-square distributions", Ann. Math. Statist.
 * 30, 1959). Keeps the sign.
 */
export function normalEquivalent(t: number, dof: number): number {
  const size = Math.sqrt(dof * Math.log1p((t * t) / dof)) * ((8 * dof + 1) / (8 * dof + 3));
  return t < 0 ? -size : size;
}

/**
 * Independent values that a series is worth: its length over its integrated autocorrelation time
 * (Bayley and Hammersley, "The effective number of independent observations in an autocorrelated time series",
 * JRSS Suppl. 8, 1946), summed until the autocorrelation has died away.
 */
export function effectiveSamples(values: Float64Array): number {
  const { length } = values;
  let mean = 0;
  for (const value of values) mean += value / length;
  let variance = 0;
  for (const value of values) variance += (value - mean) ** 2;
  // A constant: what is left of it is rounding.
  if (variance <= length * (ROUNDING * mean) ** 2) return length;
  let sum = 0;
  for (let lag = 1; lag < length * 0.75; lag++) {
    let product = 0;
    for (let i = 0; i + lag < length; i++) {
      product += ((values[i] as number) - mean) * ((values[i + lag] as number) - mean);
    }
    const correlation = product / variance;
    if (correlation < DEAD_CORRELATION) break;
    sum += (1 - lag / length) * correlation;
  }
  return length / (1 + 2 * sum);
}

const DEAD_CORRELATION = 0.05;
/** Relative resolution of 32-bit samples. */
const ROUNDING = 2 ** -23;

/**
 * Half the typical squared difference of values `lag` apart, robust against a few jumps
 * (Cressie and Hawkins, "Robust estimation of the variogram", Math. Geology 12, 1980).
 */
export function semivariance(values: Float64Array, lag: number, from: number): number {
  let sum = 0;
  let count = 0;
  for (let i = from; i + lag < values.length; i++) {
    sum += Math.sqrt(Math.abs((values[i + lag] as number) - (values[i] as number)));
    count += 1;
  }
  if (count === 0) return 0;
  // Pairs overlap: as many independent ones as lags fit into the series.
  const independent = count / lag;
  return (sum / count) ** 4 / (0.457 + 0.494 / independent) / 2;
}

import type { CascadeEvent } from './events.js';

/** Decimals that scores keep in the canonical form: coarse enough that another CPU's last bits do not show. */
const CANONICAL_DECIMALS = 3;

/**
 * An event as it is compared and kept as golden: keys sorted, what was measured left out, and fractions rounded.
 * One line of JSON without the newline.
 */
export function canonicalLine(event: CascadeEvent): string {
  return JSON.stringify(canonicalValue(event));
}

function canonicalValue(value: unknown): unknown {
  if (typeof value === 'number') return rounded(value);
  if (Array.isArray(value)) return value.map(canonicalValue);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'measured')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonicalValue(inner)]),
  );
}

function rounded(value: number): number {
  const scale = 10 ** CANONICAL_DECIMALS;
  // `+ 0` turns -0 into 0.
  return Math.round(value * scale) / scale + 0;
}

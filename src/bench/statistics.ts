import { quantile } from '../core/quantile.js';

/** As {@link quantile}; null of none, as a table shows it. */
export function quantileOrNull(values: readonly number[], share: number): number | null {
  return values.length === 0 ? null : quantile(values, share);
}

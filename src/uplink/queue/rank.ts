/** What is known of a provider when one has to be chosen. */
export interface Standing {
  /** Money for a typical question. */
  readonly money: number;
  /** As configured, 0 to 1. */
  readonly quality: number;
  /** Mean of the latest answers; null before the first. */
  readonly latencyMs: number | null;
}

/** How much each counts; all 0 keeps the order. */
export interface Weights {
  readonly cost: number;
  readonly quality: number;
  readonly latency: number;
}

/**
 * Orders candidates, best first. Money and latency count relative to the dearest and the slowest candidate, so that the
 * weights need no unit; candidates that score alike keep their order.
 */
export function rank<T>(
  candidates: readonly T[],
  standing: (candidate: T) => Standing,
  weights: Weights,
): readonly T[] {
  if (weights.cost === 0 && weights.quality === 0 && weights.latency === 0) return candidates;
  const all = candidates.map((candidate) => ({ candidate, ...standing(candidate) }));
  const dearest = Math.max(...all.map(({ money }) => money), Number.MIN_VALUE);
  const slowest = Math.max(...all.map(({ latencyMs }) => latencyMs ?? 0), Number.MIN_VALUE);
  const score = ({ money, quality, latencyMs }: Standing) =>
    weights.quality * quality -
    weights.cost * (money / dearest) -
    weights.latency * ((latencyMs ?? 0) / slowest);
  return all.toSorted((a, b) => score(b) - score(a)).map(({ candidate }) => candidate);
}

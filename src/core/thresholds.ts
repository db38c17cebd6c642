/** Two thresholds on calibrated confidence: below `reject` drop, at or above `accept` believe, between ask on. */
export interface Thresholds {
  readonly accept: number;
  readonly reject: number;
}

/** Where a confidence stands between its thresholds. */
export type Placement = 'accept' | 'reject' | 'uncertain';

/** Places a confidence against its thresholds. */
export function judge(confidence: number, thresholds: Thresholds): Placement {
  if (confidence >= thresholds.accept) return 'accept';
  return confidence < thresholds.reject ? 'reject' : 'uncertain';
}

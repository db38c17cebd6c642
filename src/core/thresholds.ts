/** Two thresholds on calibrated confidence: below `reject` drop, at or above `accept` believe, between ask on. */
export interface Thresholds {
  readonly accept: number;
  readonly reject: number;
}

/** Those of the stages of a source; null where it has no such stage, or they cannot be set. */
export interface StageThresholds {
  readonly tiny: Thresholds | null;
  readonly heavy: Thresholds | null;
}

/** What a configuration asks of a stage that listens for words. */
export interface ThresholdsAsked {
  /** Of every word; null: as its model says. */
  readonly thresholds: Thresholds | null;
  /** Of single words, before those. */
  readonly wordThresholds: Readonly<Record<string, Thresholds>>;
}

/** Asked for nothing: a model is held to what its manifest says. */
export const AS_TRAINED: ThresholdsAsked = { thresholds: null, wordThresholds: {} };

/** The thresholds that hold for a word: as asked, or else the model's own. */
export function thresholdsOf(
  word: string,
  { thresholds, wordThresholds }: ThresholdsAsked,
  own: Thresholds,
): Thresholds {
  return (Object.hasOwn(wordThresholds, word) ? wordThresholds[word] : null) ?? thresholds ?? own;
}

/** The lowest of several on either side, to draw beside a score; there is at least one. */
export function lowestOf(all: readonly Thresholds[]): Thresholds {
  return {
    accept: Math.min(...all.map(({ accept }) => accept)),
    reject: Math.min(...all.map(({ reject }) => reject)),
  };
}

/** Where a confidence stands between its thresholds. */
export type Placement = 'accept' | 'reject' | 'uncertain';

/** Places a confidence against its thresholds. */
export function judge(confidence: number, thresholds: Thresholds): Placement {
  if (confidence >= thresholds.accept) return 'accept';
  return confidence < thresholds.reject ? 'reject' : 'uncertain';
}

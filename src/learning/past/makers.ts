import { judgementsOf, type PastDetection } from './past-detection.js';

/** What made the confidences of a word: the stages by their names, and heavy's judge. */
export interface Makers {
  readonly tiny: string;
  /** Null: nobody looks again. */
  readonly heavy: string | null;
  readonly judge: string;
}

/** How a judge is called in a trail that names none. */
const ITSELF = 'confidence';

/**
 * What other stages or judges made the confidences of a detection, in a few words; null where it was these. What was
 * not judged in the end, and by whom it was not, says nothing.
 */
export function otherMakers(past: Pick<PastDetection, 'believedOn'>, makers: Makers): string | null {
  const { tiny, heavy } = judgementsOf(past);
  const others = [
    tiny !== null && tiny.stage !== makers.tiny && tiny.stage,
    heavy !== null && heavy.stage !== makers.heavy && heavy.stage,
    heavy !== null &&
      (heavy.judge?.kind ?? ITSELF) !== makers.judge &&
      `judge ${heavy.judge?.kind ?? ITSELF}`,
  ].filter((other) => other !== false);
  return others.length === 0 ? null : others.join(' and ');
}

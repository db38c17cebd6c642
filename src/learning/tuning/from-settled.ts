import { judgeIn } from '../past/makers.js';
import type { PastDetection } from '../past/past-detection.js';
import type { Graded } from './selective.js';

/**
 * An order that was settled on the device, as sure as its transcript was, and whether its owner said that it was
 * right; null for what was not settled, or of which nobody said anything. What stayed below the threshold is in no
 * journal as a settled one, so that of a lower one it tells nothing. `another-judge` where the confidence is of
 * another judge of transcripts than this.
 */
export function gradedOf(
  { outcome, said, features, at, trail }: PastDetection,
  judge: string,
): Graded | 'another-judge' | null {
  const { recognition } = features;
  if (outcome !== 'settled' || said === null || recognition === undefined) return null;
  if (judgeIn(trail.at(-1)) !== judge) return 'another-judge';
  return { group: at.slice(0, 10), confidence: recognition, isRight: said.verdict === 'right' };
}

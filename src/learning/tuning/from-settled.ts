import type { PastDetection } from '../past/past-detection.js';
import type { Graded } from './selective.js';

/**
 * An order that was settled on the device, as sure as its transcript was, and whether its owner said that it was
 * right; null for what was not settled, or of which nobody said anything. What stayed below the threshold is in no
 * journal as a settled one, so that of a lower one it tells nothing.
 */
export function gradedOf({ outcome, said, features, at }: PastDetection): Graded | null {
  const { recognition } = features;
  if (outcome !== 'settled' || said === null || recognition === undefined) return null;
  return { group: at.slice(0, 10), confidence: recognition, isRight: said.verdict === 'right' };
}

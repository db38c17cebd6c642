import { type Thresholds, thresholdsOf } from '../../core/thresholds.js';
import type { Model } from '../../models/manifest.js';
import { HALF, type VoiceModelTraits, type VoiceStageRequest } from './stage-kind.js';

/** What any model of words with a manifest brings along. */
export type ManifestTraits = Pick<VoiceModelTraits, 'debounceHops' | 'tailMs' | 'againMs'>;

/** Words, thresholds and traits as a request has them, or the manifest where the request leaves them to it. */
export function wordsOf(
  { words: chosen, ...asked }: VoiceStageRequest,
  { manifest: { thresholds: own, debounce, verify } }: Model,
): {
  readonly words: readonly string[];
  readonly thresholds: Thresholds;
  readonly traits: ManifestTraits;
} {
  const words = chosen ?? Object.keys(own);
  const cuts = words.map((word) => thresholdsOf(word, asked, own[word] ?? HALF));
  const lowest = (side: keyof Thresholds) => Math.min(...cuts.map((cut) => cut[side]));
  return {
    words,
    thresholds: { accept: lowest('accept'), reject: lowest('reject') },
    traits: { debounceHops: debounce.hops, tailMs: verify.tailMs, againMs: verify.againMs },
  };
}

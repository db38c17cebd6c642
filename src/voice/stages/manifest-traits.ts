import type { Thresholds } from '../../core/thresholds.js';
import type { Model } from '../../models/manifest.js';
import type { VoiceModelTraits, VoiceStageRequest } from './stage-kind.js';

/** What any model of words with a manifest brings along. */
export type ManifestTraits = Pick<VoiceModelTraits, 'debounceHops' | 'tailMs' | 'againMs'>;

/** Words, thresholds and traits as a request has them, or the manifest where the request leaves them to it. */
export function wordsOf(
  { words: chosen, thresholds }: VoiceStageRequest,
  { manifest: { thresholds: own, debounce, verify } }: Model,
): {
  readonly words: readonly string[];
  readonly thresholds: Thresholds;
  readonly traits: ManifestTraits;
} {
  const words = chosen ?? Object.keys(own);
  const lowest = (side: keyof Thresholds) =>
    Math.min(...Object.entries(own).flatMap(([word, cut]) => (words.includes(word) ? [cut[side]] : [])));
  return {
    words,
    thresholds: thresholds ?? { accept: lowest('accept'), reject: lowest('reject') },
    traits: { debounceHops: debounce.hops, tailMs: verify.tailMs, againMs: verify.againMs },
  };
}

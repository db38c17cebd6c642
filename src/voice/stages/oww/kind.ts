import type { Thresholds } from '../../../core/thresholds.js';
import type { OwwKeyword } from '../../../models/oww.js';
import type { VoiceModelTraits, VoiceStageKind } from '../stage-kind.js';
import type { OwwSpec } from './oww.js';

/** openWakeWord's history: 76 mel frames of 10 ms and 16 embeddings 80 ms apart. */
const TRAITS: VoiceModelTraits = {
  hopSamples: 1280,
  debounceHops: 1,
  contextMs: 2040,
  tailMs: 160,
  againMs: null,
};
const KEYWORDS: readonly string[] = ['alexa', 'hey_jarvis', 'hey_mycroft'] satisfies OwwKeyword[];
const DEFAULT_WORDS: readonly OwwKeyword[] = ['alexa', 'hey_jarvis'];
const DEFAULT_THRESHOLDS: Thresholds = { accept: 0.6, reject: 0.2 };

/** openWakeWord's chain and heads, from an npm package; a comparator (its heads are CC BY-NC-SA 4.0). */
export const oww: VoiceStageKind<OwwSpec> = {
  kind: 'oww',
  parts: ['tiny', 'heavy'],
  by: 'name',
  async plan({ name, words, thresholds: asked, budgetMs }) {
    const keywords = await keywordsOf(words ?? DEFAULT_WORDS);
    const thresholds = asked ?? DEFAULT_THRESHOLDS;
    return {
      spec: { kind: 'oww', name, keywords, thresholds, budgetMs },
      words: keywords,
      thresholds,
      traits: TRAITS,
    };
  },
  create: async (spec) => (await import('./oww.js')).createOwwStage(spec),
};

async function keywordsOf(words: readonly string[]): Promise<readonly OwwKeyword[]> {
  const unknown = words.find((word) => !KEYWORDS.includes(word));
  if (unknown === undefined) return words as readonly OwwKeyword[];
  const { CatnapError } = await import('../../../core/errors.js');
  throw new CatnapError(
    'CONFIG_INVALID',
    `model oww: expected words among ${KEYWORDS.join(', ')}, found "${unknown}"`,
  );
}

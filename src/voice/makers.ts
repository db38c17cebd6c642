import type { StageSpec } from '../core/cascade/assembly.js';
import type { JudgedSpec } from '../learning/judges/judged-stage.js';
import type { MakersByWord } from '../learning/past/makers.js';
import type { VoiceConfig } from './config.js';
import type { VoicePlan } from './plan.js';
import type { GroupSpec } from './stages/group.js';

/** Those of own words, and of words that are judged by how they are said: each of these words has its own `accept`. */
const APART = ['own-words-tiny', 'own-words-heavy'];

/** By word: which stages and which judge make its confidences in a cascade, as trails name them. */
export function makersOf(
  config: Pick<VoiceConfig, 'tiny' | 'heavy' | 'policy'>,
  { tiny, heavy, words }: Pick<VoicePlan, 'tiny' | 'heavy' | 'words'>,
): MakersByWord {
  const judge = heavy?.kind === 'judged' ? (heavy as JudgedSpec).judge.kind : 'confidence';
  const parts = { tiny, heavy };
  return Object.fromEntries(
    words.map((word) => {
      const isApart = (part: 'tiny' | 'heavy') =>
        Object.hasOwn(config[part].wordThresholds, word) ||
        // What heavy is unsure of is believed as well: its `accept` takes no wake away.
        (part === 'heavy' && config.policy.believeUncertain) ||
        APART.includes(specFor(parts[part], word)?.kind ?? '');
      const names = {
        tiny: specFor(tiny, word)?.name ?? tiny.name,
        heavy: specFor(heavy, word)?.name ?? null,
      };
      return [word, { ...names, judge, apart: (['tiny', 'heavy'] as const).filter(isApart) }];
    }),
  );
}

/** The stage that a word is shown to. */
function specFor(spec: StageSpec | null, word: string): StageSpec | null {
  if (spec?.kind === 'judged') return specFor((spec as JudgedSpec).stage, word);
  if (spec?.kind !== 'group') return spec;
  const member = (spec as GroupSpec).members.find(({ words }) => words.includes(word));
  return member === undefined ? spec : specFor(member.spec, word);
}

import type { StageSpec } from '../core/cascade/assembly.js';
import type { JudgedSpec } from '../learning/judges/judged-stage.js';
import type { Makers } from '../learning/past/makers.js';
import type { VoicePlan } from './plan.js';
import type { GroupSpec } from './stages/group.js';

/** By word: which stages and which judge make its confidences in a cascade, as trails name them. */
export function makersOf({ tiny, heavy, words }: VoicePlan): Readonly<Record<string, Makers>> {
  const judge = heavy?.kind === 'judged' ? (heavy as JudgedSpec).judge.kind : 'confidence';
  return Object.fromEntries(
    words.map((word) => [
      word,
      { tiny: nameFor(tiny, word), heavy: heavy === null ? null : nameFor(heavy, word), judge },
    ]),
  );
}

function nameFor(spec: StageSpec, word: string): string {
  if (spec.kind === 'judged') return nameFor((spec as JudgedSpec).stage, word);
  if (spec.kind !== 'group') return spec.name;
  const member = (spec as GroupSpec).members.find(({ words }) => words.includes(word));
  return member === undefined ? spec.name : nameFor(member.spec, word);
}

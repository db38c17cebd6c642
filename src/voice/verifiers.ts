import type { StageSpec } from '../core/cascade/assembly.js';
import { lowestOf } from '../core/thresholds.js';
import { isItself, judgedBy } from '../learning/judges/plan-judge.js';
import { planChoice } from '../models/choose.js';
import type { Choice } from '../models/kind.js';
import type { VoiceConfig } from './config.js';
import type { GroupSpec } from './stages/group.js';
import {
  kindsFor,
  type PlannedVoiceStage,
  type SpokenWord,
  type VoiceKinds,
  type VoicePart,
  type VoiceStageRequest,
} from './stages/stage-kind.js';
import { vocabularyOf } from './words/known.js';

/** What the configuration says of tiny or heavy. */
export type Asked = Pick<VoiceConfig['heavy'], 'model' | 'thresholds' | 'wordThresholds' | 'budgetMs'>;

/** What trails call the stage of a choice; that of a file is called by it instead. */
export type NameOf = (choice: Choice) => string;

/**
 * Names the choices of one cascade by their model or kind: the first of a kind by that alone, each other one with a
 * number, so that health and trails tell two servers apart. The same choice has the same name wherever it stands.
 */
export function createNames(): NameOf {
  const choices = new Map<string, string[]>();
  return (choice) => {
    const name = typeof choice === 'string' ? choice : choice.kind;
    const alike = choices.get(name) ?? [];
    choices.set(name, alike);
    const settings = JSON.stringify(choice);
    if (!alike.includes(settings)) alike.push(settings);
    const number = alike.indexOf(settings) + 1;
    return number === 1 ? name : `${name}-${number}`;
  };
}

/** The same request, asking for every confidence where a judge looks at them. */
export function exactFor<Request extends object>(
  { judge }: VoiceConfig['heavy'],
  request: Request,
): Request & Pick<VoiceStageRequest, 'exact'> {
  return isItself(judge) ? request : { ...request, exact: true };
}

/** Words of tiny's that are judged by their sounds: it is known how they are said, and they have no specialist. */
export function spokenFor(
  { enabled, specialists }: VoiceConfig['heavy'],
  trained: PlannedVoiceStage | null,
): readonly SpokenWord[] {
  return (trained?.spoken ?? []).filter(({ name }) => !enabled || !Object.hasOwn(specialists, name));
}

/** Words that `heavy.model` is asked about: neither specialists nor their sounds judge them; null: all it knows. */
export function wordsForHeavy(
  trained: PlannedVoiceStage | null,
  asked: readonly string[] | null,
  { model, specialists }: VoiceConfig['heavy'],
  kinds: VoiceKinds,
): readonly string[] | null {
  const special = Object.keys(specialists);
  if (trained === null || (trained.spoken === undefined && special.length === 0)) return asked;
  const elsewhere = [...special, ...(trained.spoken ?? []).map(({ name }) => name)];
  const known =
    trained.spoken === undefined ? null : (vocabularyOf(kindsFor('heavy', kinds), model)?.words ?? null);
  return trained.words.filter((word) => !elsewhere.includes(word) && (known?.includes(word) ?? true));
}

/** One stage that plays a part, or several that play it together; null where there is none. */
export function together(
  part: VoicePart,
  stages: readonly (PlannedVoiceStage | null)[],
): PlannedVoiceStage | null {
  const [first, ...others] = stages.filter((stage) => stage !== null);
  if (first === undefined || others.length === 0) return first ?? null;
  const all = [first, ...others];
  const members = all.map(({ spec, words }) => ({ spec, words }));
  const budgetMs = Math.max(...members.map(({ spec }) => spec.budgetMs));
  const most = (trait: 'debounceHops' | 'contextMs' | 'tailMs') =>
    Math.max(...all.map(({ traits }) => traits[trait]));
  const spec: GroupSpec = { kind: 'group', name: part, budgetMs, members };
  const { resumeMs: _, ...traits } = first.traits;
  // One that needs all of a pause is given it, and the others with it.
  const resumes = all.flatMap(({ traits: { resumeMs } }) => (resumeMs === undefined ? [] : [resumeMs]));
  return {
    spec,
    words: all.flatMap(({ words }) => words),
    thresholds: lowestOf(all.map(({ thresholds }) => thresholds)),
    traits: {
      ...traits,
      ...(resumes.length < all.length ? {} : { resumeMs: Math.max(...resumes) }),
      debounceHops: most('debounceHops'),
      contextMs: most('contextMs'),
      tailMs: most('tailMs'),
      // One may say that nothing is near where the other hears its word begin.
      calm: null,
    },
  };
}

/** Models that are asked about single words, each once with all of its words. */
export async function plannedSpecialists(
  heavy: VoiceConfig['heavy'],
  plan: (asked: Asked, words: readonly string[]) => Promise<PlannedVoiceStage>,
): Promise<readonly PlannedVoiceStage[]> {
  const byModel = new Map<string, { readonly model: Choice; readonly words: string[] }>();
  for (const [word, model] of Object.entries(heavy.specialists)) {
    const key = JSON.stringify(model);
    const known = byModel.get(key);
    if (known === undefined) byModel.set(key, { model, words: [word] });
    else known.words.push(word);
  }
  const stages: PlannedVoiceStage[] = [];
  for (const { model, words } of byModel.values()) stages.push(await plan({ ...heavy, model }, words));
  return stages;
}

/** What verifies, with the judge that looks at it. */
export async function judged(
  { spec, words, thresholds }: PlannedVoiceStage,
  { judge, budgetMs }: VoiceConfig['heavy'],
  kinds: VoiceKinds,
  nameOf: NameOf,
): Promise<StageSpec> {
  const asked = judge.with == null ? null : { model: judge.with, name: nameOf(judge.with), budgetMs };
  const other = asked === null ? null : await otherOf(asked, words, kinds);
  return judgedBy(spec, judge, { other, thresholds }, kinds.judges);
}

/** Another model, which is asked about those of the words that it knows; null where it knows none. */
async function otherOf(
  { model, name, budgetMs }: { readonly model: Choice; readonly name: string; readonly budgetMs: number },
  words: readonly string[],
  kinds: VoiceKinds,
) {
  const known = vocabularyOf(kindsFor('heavy', kinds), model)?.words ?? words;
  const asked = words.filter((word) => known.includes(word));
  if (asked.length === 0) return null;
  const request = { name, words: asked, thresholds: null, wordThresholds: {}, budgetMs };
  const planned = await planChoice(kindsFor('heavy', kinds), model, { ...request, exact: true });
  return { spec: planned.spec, words: planned.words };
}

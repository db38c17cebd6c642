import type { GivenStages, RecogniserSpec, StageSpec } from '../core/cascade/assembly.js';
import { withRemote } from '../core/cascade/remote.js';
import { CatnapError } from '../core/errors.js';
import type { Thresholds } from '../core/thresholds.js';
import { plannedJudge } from '../learning/judges/plan-judge.js';
import type { JudgedRecogniserSpec } from '../learning/judges/transcripts/judged-recogniser.js';
import { planChoice } from '../models/choose.js';
import type { Choice } from '../models/kind.js';
import type { SequelConfig, VoiceConfig } from './config.js';
import {
  DEFAULT_TRAITS,
  HALF,
  kindsFor,
  type PlannedVoiceStage,
  type SpokenWord,
  type VoiceKinds,
  type VoiceModelTraits,
  type VoicePart,
} from './stages/stage-kind.js';
import {
  type Asked,
  createNames,
  exactFor,
  judged,
  type NameOf,
  plannedSpecialists,
  spokenFor,
  together,
  wordsForHeavy,
} from './verifiers.js';
import { nameOfWord } from './words/config.js';
import { vocabularyOf } from './words/known.js';
import { labelOf } from './words/labels.js';

/** The stages of a voice cascade as data, and what their models bring along. */
export interface VoicePlan {
  /** Has the gate shut where nobody speaks; null: it opens by level alone. */
  readonly speech: StageSpec | null;
  readonly tiny: StageSpec;
  /** Null: tiny is believed alone. */
  readonly heavy: StageSpec | null;
  /** Tells speech from other sounds, for the end of an utterance; null: by level alone. */
  readonly endpointer: StageSpec | null;
  /** Null: no utterance is understood here. */
  readonly recogniser: RecogniserSpec | null;
  /** By label: what follows words that lead to another cascade. */
  readonly sequels: Readonly<Record<string, SequelPlan>>;
  /** Labels tiny may report. */
  readonly words: readonly string[];
  /** The lowest of each stage's thresholds over its labels, to draw beside a score. */
  readonly thresholds: { readonly tiny: Thresholds; readonly heavy: Thresholds | null };
  readonly traits: VoiceModelTraits;
}

/** What follows a word that leads to another cascade, as data. */
export interface SequelPlan {
  readonly config: SequelConfig;
  readonly recogniser: RecogniserSpec | null;
}

const TINY_BUDGET_MS = 1000;

/**
 * Which stages a `voice` cascade of the configuration names, with what their models bring along.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`; `CONFIG_INVALID` for a module that is none, or
 * a word that nobody knows to say.
 */
export async function planVoice(
  config: VoiceConfig,
  kinds: VoiceKinds,
  given: GivenStages = {},
): Promise<VoicePlan> {
  const { gate, tiny, heavy, utterance, recogniser } = config;
  const words = trainedWords(config, given.tiny === undefined ? kinds : null);
  const nameOf = createNames();
  const planned = async (
    part: VoicePart,
    { model, thresholds, wordThresholds, budgetMs }: Asked,
    words: readonly string[] | null,
  ): Promise<PlannedVoiceStage> => {
    const spec = given[part];
    if (spec !== undefined)
      return { spec, words: words ?? [], thresholds: thresholds ?? HALF, traits: DEFAULT_TRAITS };
    const asked = { name: nameOf(model), words, thresholds: thresholds ?? null, wordThresholds, budgetMs };
    return planChoice(kindsFor(part, kinds), model, part === 'heavy' ? exactFor(heavy, asked) : asked);
  };
  const isTrained = words === null || words.length > 0;
  const trained = isTrained ? await planned('tiny', { ...tiny, budgetMs: TINY_BUDGET_MS }, words) : null;
  const own = await plannedOwnWords(config, spokenFor(heavy, trained));
  const noticing = together('tiny', [trained, own.tiny]) ?? refuseSilence();
  const left = isTrained && heavy.enabled ? wordsForHeavy(trained, words, heavy, kinds) : [];
  const isAsked = left?.length !== 0 || (given.heavy !== undefined && isTrained);
  const verifying = heavy.enabled
    ? together('heavy', [
        isAsked ? await planned('heavy', heavy, left) : null,
        ...(await plannedSpecialists(heavy, (asked, its) => planned('heavy', asked, its))),
        own.heavy,
      ])
    : null;
  checkWords(config, noticing.words);
  const listens = utterance.enabled && (given.recogniser !== undefined || recogniser.models.length > 0);
  return {
    speech:
      gate.enabled && gate.speech !== null ? await planChoice(kinds.endpointers, gate.speech, null) : null,
    tiny: noticing.spec,
    heavy:
      verifying === null
        ? null
        : withRemote(await judged(verifying, heavy, kinds, nameOf), heavy.remote, 'voice'),
    endpointer: utterance.enabled ? (given.endpointer ?? (await endpointerOf(utterance, kinds))) : null,
    recogniser: listens ? (given.recogniser ?? (await recogniserOf(recogniser, kinds, nameOf))) : null,
    sequels: await plannedSequels(config, kinds, nameOf),
    words: noticing.words,
    thresholds: { tiny: noticing.thresholds, heavy: verifying?.thresholds ?? null },
    traits: {
      ...noticing.traits,
      tailMs: verifying?.traits.tailMs ?? 0,
      againMs: verifying?.traits.againMs ?? null,
    },
  };
}

/**
 * A threshold of a word that nobody listens for would silently hold for none, and one of an own word beside its
 * `accept`, which alone says from when it is believed.
 */
function checkWords(config: VoiceConfig, words: readonly string[]): void {
  const own = (config.tiny.words ?? []).flatMap((word) =>
    typeof word === 'string' ? [] : [nameOfWord(word)],
  );
  for (const part of ['tiny', 'heavy'] as const) {
    const twice = own.find((word) => Object.hasOwn(config[part].wordThresholds, word));
    if (twice !== undefined)
      throw new CatnapError(
        'CONFIG_INVALID',
        `${part}.wordThresholds: expected trained words, found "${twice}"; a word of your own has its accept in tiny.words`,
      );
    const unknown = Object.keys(config[part].wordThresholds).find((word) => !words.includes(word));
    if (unknown === undefined) continue;
    const expected = words.join(', ');
    throw new CatnapError(
      'CONFIG_INVALID',
      `${part}.wordThresholds: expected words among ${expected}, found "${unknown}"`,
    );
  }
}

/** Words of the model's own among those asked for, by its labels; null: all it knows. Without `kinds`, as written. */
function trainedWords({ tiny: { model, words } }: VoiceConfig, kinds: VoiceKinds | null) {
  const asked = words?.filter((word) => typeof word === 'string') ?? null;
  if (asked === null || kinds === null) return asked;
  const vocabulary = vocabularyOf(kindsFor('tiny', kinds), model);
  return vocabulary === null ? asked : asked.map((word) => labelOf(word, vocabulary.words) ?? word);
}

/** Letters or IPA that nobody knows to say are no fault of the command that reads the configuration. */
function inConfiguration(error: unknown): never {
  if (error instanceof CatnapError && error.code === 'WORD_UNSAYABLE')
    throw new CatnapError('CONFIG_INVALID', `tiny.words: ${error.message}`, { cause: error });
  throw error;
}

/** What listens for the owner's words, and what judges those and others that are spelt; null where there are none. */
async function plannedOwnWords(
  { tiny, heavy }: VoiceConfig,
  spoken: readonly SpokenWord[],
): Promise<Readonly<Record<VoicePart, PlannedVoiceStage | null>>> {
  const configs = tiny.words?.filter((word) => typeof word !== 'string') ?? [];
  if (configs.length + spoken.length === 0) return { tiny: null, heavy: null };
  const { OWN_TRAITS, planOwnWords } = await import('./words/plan.js');
  const asked = {
    tiny: { budgetMs: TINY_BUDGET_MS },
    heavy: exactFor(heavy, { budgetMs: heavy.budgetMs }),
  };
  const planned = planOwnWords([...configs, ...spoken], asked).catch(inConfiguration);
  const { tiny: all, heavy: judges, accept } = await planned;
  // Those that are only spelt are heard by somebody else's model.
  const listens = { ...all, words: all.words.slice(0, configs.length) };
  const stage = (spec: typeof listens | typeof judges, thresholds: Thresholds): PlannedVoiceStage => ({
    spec,
    words: spec.words.map(({ name }) => name),
    thresholds,
    traits: OWN_TRAITS,
  });
  return {
    tiny: configs.length === 0 ? null : stage(listens, listens.thresholds),
    heavy: stage(judges, { accept, reject: accept }),
  };
}

function refuseSilence(): never {
  throw new Error('the schema lets no cascade be without words');
}

async function plannedSequels({ sequels = {} }: VoiceConfig, kinds: VoiceKinds, nameOf: NameOf) {
  const plans: Record<string, SequelPlan> = {};
  for (const [word, config] of Object.entries(sequels)) {
    const listens = config.utterance.enabled && config.recogniser.models.length > 0;
    plans[word] = {
      config,
      recogniser: listens ? await recogniserOf(config.recogniser, kinds, nameOf) : null,
    };
  }
  return plans;
}

/** `level` is what the engine does by itself. */
async function endpointerOf(
  { endpoint, remote }: VoiceConfig['utterance'],
  { endpointers }: VoiceKinds,
): Promise<StageSpec | null> {
  return endpoint === 'level'
    ? null
    : withRemote(await planChoice(endpointers, endpoint, null), remote, 'voice');
}

async function recogniserOf(
  { models, budgetMs, judge: asked, remote }: VoiceConfig['recogniser'],
  { recognisers, transcriptJudges }: VoiceKinds,
  nameOf: NameOf,
): Promise<RecogniserSpec> {
  const planned = (model: Choice) => planChoice(recognisers, model, { name: nameOf(model), budgetMs });
  const members: StageSpec[] = [];
  for (const model of models) members.push(await planned(model));
  const spec: RecogniserSpec = { name: 'recogniser', budgetMs, members };
  const judge = plannedJudge(asked, transcriptJudges);
  if (judge === null) return withRemote(spec, remote, 'voice');
  const other = asked.with == null ? null : await planned(asked.with);
  const judged: JudgedRecogniserSpec = { ...spec, judge, other };
  return withRemote(judged, remote, 'voice');
}

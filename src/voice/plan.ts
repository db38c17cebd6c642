import type { GivenStages, RecogniserSpec, StageSpec } from '../core/cascade/assembly.js';
import type { Thresholds } from '../core/thresholds.js';
import { planChoice } from '../models/choose.js';
import type { Choice } from '../models/kind.js';
import type { VoiceConfig } from './config.js';
import {
  DEFAULT_TRAITS,
  HALF,
  type VoiceKinds,
  type VoiceModelTraits,
  type VoicePart,
} from './stages/stage-kind.js';

/** The stages of a voice cascade as data, and what their models bring along. */
export interface VoicePlan {
  readonly tiny: StageSpec;
  /** Null: tiny is believed alone. */
  readonly heavy: StageSpec | null;
  /** Tells speech from other sounds, for the end of an utterance; null: by level alone. */
  readonly endpointer: StageSpec | null;
  /** Null: no utterance is understood here. */
  readonly recogniser: RecogniserSpec | null;
  /** Labels tiny may report. */
  readonly words: readonly string[];
  /** The lowest of each stage's thresholds over its labels, to draw beside a score. */
  readonly thresholds: { readonly tiny: Thresholds; readonly heavy: Thresholds | null };
  readonly traits: VoiceModelTraits;
}

const TINY_BUDGET_MS = 1000;

/** What the configuration says of tiny or heavy. */
type Asked = Pick<VoiceConfig['heavy'], 'model' | 'thresholds' | 'budgetMs'>;

/**
 * Which stages a `voice` cascade of the configuration names, with what their models bring along.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`; `CONFIG_INVALID` for a module that is none.
 */
export async function planVoice(
  config: VoiceConfig,
  kinds: VoiceKinds,
  given: GivenStages = {},
): Promise<VoicePlan> {
  const { tiny, heavy, utterance, recogniser } = config;
  const words = tiny.words ?? null;
  const planned = async (part: VoicePart, { model, thresholds, budgetMs }: Asked) => {
    const spec = given[part];
    if (spec !== undefined)
      return { spec, words: words ?? [], thresholds: thresholds ?? HALF, traits: DEFAULT_TRAITS };
    const request = { name: nameOf(model), words, thresholds: thresholds ?? null, budgetMs };
    return planChoice(kindsFor(part, kinds), model, request);
  };
  const noticing = await planned('tiny', { ...tiny, budgetMs: TINY_BUDGET_MS });
  const verifying = heavy.enabled ? await planned('heavy', heavy) : null;
  const listens = utterance.enabled && (given.recogniser !== undefined || recogniser.models.length > 0);
  return {
    tiny: noticing.spec,
    heavy: verifying?.spec ?? null,
    endpointer: utterance.enabled
      ? (given.endpointer ?? (await endpointerOf(utterance.endpoint, kinds)))
      : null,
    recogniser: listens ? (given.recogniser ?? (await recogniserOf(recogniser, kinds))) : null,
    words: noticing.words,
    thresholds: { tiny: noticing.thresholds, heavy: verifying?.thresholds ?? null },
    traits: {
      ...noticing.traits,
      tailMs: verifying?.traits.tailMs ?? 0,
      againMs: verifying?.traits.againMs ?? null,
    },
  };
}

function kindsFor(part: VoicePart, { stages }: VoiceKinds): VoiceKinds['stages'] {
  return Object.fromEntries(Object.entries(stages).filter(([, { parts }]) => parts.includes(part)));
}

/** `level` is what the engine does by itself. */
async function endpointerOf(choice: Choice, { endpointers }: VoiceKinds): Promise<StageSpec | null> {
  return choice === 'level' ? null : planChoice(endpointers, choice, null);
}

async function recogniserOf(
  { models, budgetMs }: VoiceConfig['recogniser'],
  { recognisers }: VoiceKinds,
): Promise<RecogniserSpec> {
  const members: StageSpec[] = [];
  for (const model of models)
    members.push(await planChoice(recognisers, model, { name: nameOf(model), budgetMs }));
  return { name: 'recogniser', budgetMs, members };
}

/** A module's stage is called by its file instead. */
function nameOf(choice: Choice): string {
  return typeof choice === 'string' ? choice : choice.kind;
}

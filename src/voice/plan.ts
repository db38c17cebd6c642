import { CatnapError } from '../core/errors.js';
import type { Thresholds } from '../core/thresholds.js';
import type * as z from '../core/zod.js';
import { logMelOf } from '../models/front-end.js';
import type { Model } from '../models/manifest.js';
import { loadManifest, manifestPath } from '../models/manifest.js';
import type { VoiceConfig } from './config.js';
import type { VoiceModelTraits } from './profile.js';
import {
  type firstOfSpecSchema,
  type RecogniserSpec,
  recogniserSpecSchema,
  type VoiceStageSpec,
  voiceStageSpecSchema,
} from './stages/spec.js';

/** The stages of a voice cascade as data, and what their models bring along. */
export interface VoiceStages {
  readonly tiny: VoiceStageSpec;
  /** Null: tiny is believed alone. */
  readonly heavy: VoiceStageSpec | null;
  /** Tells speech from other sounds, for the end of an utterance; null: by level alone. */
  readonly endpointer: VoiceStageSpec | null;
  /** Null: no utterance is understood here. */
  readonly recogniser: RecogniserSpec | null;
  /** Labels tiny may report. */
  readonly words: readonly string[];
  /** The lowest of each stage's thresholds over its labels, to draw beside a score. */
  readonly thresholds: { readonly tiny: Thresholds; readonly heavy: Thresholds | null };
  readonly traits: VoiceModelTraits;
}

/** openWakeWord's history: 76 mel frames of 10 ms and 16 embeddings 80 ms apart. */
const OWW_TRAITS: VoiceModelTraits = {
  hopSamples: 1280,
  debounceHops: 1,
  contextMs: 2040,
  tailMs: 160,
  againMs: null,
};
const OWW_WORDS = ['alexa', 'hey_jarvis'];
/** Kinds of model that may be tiny, and that may be heavy; openWakeWord is either. */
const NOTICING = ['wake-tiny'];
const VERIFYING = ['wake-heavy', 'wake-tiny'];

/**
 * Which models a `voice` cascade of the configuration names, with what their manifests say.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`.
 */
export function voiceStages(config: VoiceConfig): VoiceStages {
  const { tiny, heavy, utterance, recogniser } = config;
  const noticing = wakeModel(tiny.model, NOTICING, tiny.words, tiny.thresholds, 1000);
  const verifying = heavy.enabled
    ? wakeModel(heavy.model, VERIFYING, tiny.words, heavy.thresholds, heavy.budgetMs)
    : null;
  const listens = utterance.enabled && recogniser.models.length > 0;
  return {
    tiny: noticing.spec,
    heavy: verifying?.spec ?? null,
    endpointer:
      utterance.enabled && utterance.endpoint === 'silero'
        ? voiceStageSpecSchema.parse({ kind: 'silero-vad' })
        : null,
    recogniser: listens ? recogniserOf(recogniser.models, recogniser.budgetMs) : null,
    words: noticing.words,
    thresholds: { tiny: noticing.thresholds, heavy: verifying?.thresholds ?? null },
    traits: {
      ...noticing.traits,
      tailMs: verifying?.traits.tailMs ?? 0,
      againMs: verifying?.traits.againMs ?? null,
    },
  };
}

interface WakeModel {
  readonly spec: VoiceStageSpec;
  readonly words: readonly string[];
  readonly thresholds: Thresholds;
  readonly traits: VoiceModelTraits;
}

function wakeModel(
  name: string,
  kinds: readonly string[],
  chosen: readonly string[] | undefined,
  thresholds: Thresholds | undefined,
  budgetMs: number,
): WakeModel {
  if (name === 'oww') return oww(name, chosen, thresholds, budgetMs);
  const manifest = manifestPath(name);
  const model = loadManifest(manifest);
  requireKind(name, model, kinds);
  const own = Object.entries(model.manifest.thresholds);
  const words = chosen ?? own.map(([word]) => word);
  const lowest = (side: keyof Thresholds) =>
    Math.min(...own.filter(([word]) => words.includes(word)).map(([, values]) => values[side]));
  return {
    spec: voiceStageSpecSchema.parse({
      kind: model.manifest.kind,
      name,
      manifest,
      ...(model.manifest.kind === 'wake-tiny' ? { known: { model, frontEnd: logMelOf(model) } } : {}),
      words: chosen ?? null,
      thresholds: thresholds ?? null,
      budgetMs,
    }),
    words,
    thresholds: thresholds ?? { accept: lowest('accept'), reject: lowest('reject') },
    traits: traitsOf(model),
  };
}

function traitsOf(model: Model): VoiceModelTraits {
  const { debounce, verify, kind } = model.manifest;
  const common = { debounceHops: debounce.hops, tailMs: verify.tailMs, againMs: verify.againMs };
  if (kind !== 'wake-tiny') return { ...common, hopSamples: 1280, contextMs: 0 };
  const { framesPerCall, stepSamples, windowFrames, rateHz } = logMelOf(model);
  return {
    ...common,
    hopSamples: framesPerCall * stepSamples,
    contextMs: (windowFrames * stepSamples * 1000) / rateHz,
  };
}

function oww(
  name: string,
  chosen: readonly string[] | undefined,
  thresholds: Thresholds = { accept: 0.6, reject: 0.2 },
  budgetMs: number,
): WakeModel {
  const words = chosen ?? OWW_WORDS;
  const spec = voiceStageSpecSchema.parse({ kind: 'oww', name, keywords: words, thresholds, budgetMs });
  return { spec, words, thresholds, traits: OWW_TRAITS };
}

type FirstOfMember = z.input<typeof firstOfSpecSchema>['members'][number];

function requireKind(name: string, { manifest }: Model, kinds: readonly string[]): void {
  if (kinds.includes(manifest.kind)) return;
  throw new CatnapError(
    'MODEL_SHAPE',
    `model ${name}: expected one of kind ${kinds.join(' or ')}, found kind ${manifest.kind}`,
  );
}

function recogniserOf(names: readonly string[], budgetMs: number): RecogniserSpec {
  const members = names.map((name): FirstOfMember => {
    if (name === 'moonshine') return { kind: 'moonshine', budgetMs };
    const manifest = manifestPath(name);
    requireKind(name, loadManifest(manifest), ['commands']);
    return { kind: 'commands', name, manifest };
  });
  return recogniserSpecSchema.parse({ kind: 'first-of', budgetMs, members });
}

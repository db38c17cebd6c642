import type { StageSpec } from '../../core/cascade/assembly.js';
import type { CalmProfile } from '../../core/cascade/profile.js';
import type { Recogniser, Stage } from '../../core/cascade/stage.js';
import type { Thresholds, ThresholdsAsked } from '../../core/thresholds.js';
import type { DeviceJudges } from '../../learning/judges/device-judge.js';
import type { Planner } from '../../models/kind.js';
import type { ModuleSpec } from '../../own/own-stage.js';

/** When no word is near, as models tell it. */
export interface VoiceCalm extends CalmProfile {
  /** One may be noticed in the next hop all the same, so that whoever waits notices it late. */
  readonly mayDelay: boolean;
}

/** What the models bring along that a configuration may leave to them. */
export interface VoiceModelTraits {
  /** Samples tiny is given at a time. */
  readonly hopSamples: number;
  readonly debounceHops: number;
  /** Signal tiny must have heard before its scores mean something. */
  readonly contextMs: number;
  /** The same where it has heard as much before a pause: what it then needs again of it. Left out, it needs all. */
  readonly resumeMs?: number;
  /** Signal after what tiny noticed that heavy wants to see. */
  readonly tailMs: number;
  /** How long after a refusal heavy looks again while tiny insists; null: a refusal is final, or there is no heavy. */
  readonly againMs: number | null;
  /** When no word of tiny's is near; null: it does not say. */
  readonly calm: VoiceCalm | null;
}

/** Of a model that says nothing of it. */
export const DEFAULT_TRAITS: VoiceModelTraits = {
  hopSamples: 1280,
  debounceHops: 1,
  contextMs: 0,
  tailMs: 0,
  againMs: null,
  calm: null,
};

/** Where a stage's cuts are drawn that says nothing of its own. */
export const HALF: Thresholds = { accept: 0.5, reject: 0.5 };

/**
 * The specs of every kind of voice stage, by the kind's name. Each kind adds its own where it stands, so that one
 * that is left out of the table in `runtime/stages.ts` does not compile.
 */
export interface VoiceStageSpecs {
  module: ModuleSpec;
}

/** The same of end-pointers. */
export interface EndpointerSpecs {
  module: ModuleSpec;
}

/** The same of recognisers. */
export interface RecogniserSpecs {
  module: ModuleSpec;
}

/** Which part of a voice cascade a stage plays. */
export type VoicePart = 'tiny' | 'heavy';

/** What is asked of a stage that listens for words. */
export interface VoiceStageRequest extends ThresholdsAsked {
  /** Its name in trails. */
  readonly name: string;
  /** Labels to report; null: all it knows. */
  readonly words: readonly string[] | null;
  /** Wall time after which a decision is abandoned. */
  readonly budgetMs: number;
  /** Whether every confidence is worked out, also where it cannot change the verdict: a judge looks at all of them. */
  readonly exact?: boolean;
}

/** How a word is said: as it is spelt, or in IPA. */
export interface SpokenWord {
  readonly name: string;
  readonly say: string;
  readonly ipa?: string[];
}

/** A stage that listens for words, as data, and what its model brings along. */
export interface PlannedVoiceStage<Spec extends StageSpec = StageSpec> {
  readonly spec: Spec;
  /** Labels it may report. */
  readonly words: readonly string[];
  /** The lowest over its labels, to draw beside a score. */
  readonly thresholds: Thresholds;
  readonly traits: VoiceModelTraits;
  /** How those of its words are said that no verifier that ships was trained for; none when left out. */
  readonly spoken?: readonly SpokenWord[];
}

/** A kind of stage that listens for words. */
export type VoiceStageKind<Spec extends StageSpec> = Planner<VoiceStageRequest, PlannedVoiceStage<Spec>> & {
  readonly kind: Spec['kind'];
  /** Parts that it can play. */
  readonly parts: readonly VoicePart[];
  /** @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`; `CONFIG_INVALID` for an unknown word. */
  create(spec: Spec): Promise<Stage>;
};

/** A kind of stage that tells speech from other sounds, hop by hop, for the end of an utterance. */
export type EndpointerKind<Spec extends StageSpec> = Planner<null, Spec> & {
  readonly kind: Spec['kind'];
  create(spec: Spec): Promise<Stage>;
};

/** What is asked of a recogniser. */
export interface RecogniserRequest {
  readonly name: string;
  /** For all recognisers together. */
  readonly budgetMs: number;
}

/** A kind of recogniser. */
export type RecogniserKind<Spec extends StageSpec> = Planner<RecogniserRequest, Spec> & {
  readonly kind: Spec['kind'];
  create(spec: Spec): Promise<Recogniser>;
};

type Table<Kind> = Readonly<Record<string, Kind>>;

/** The tables of kinds, as whoever plans is handed them. */
export interface VoiceKinds {
  readonly stages: Table<VoiceStageKind<StageSpec>>;
  readonly endpointers: Table<EndpointerKind<StageSpec>>;
  readonly recognisers: Table<RecogniserKind<StageSpec>>;
  /** Of heavy. */
  readonly judges: DeviceJudges;
  /** Of what a recogniser wrote down. */
  readonly transcriptJudges: DeviceJudges;
}

/** The kinds that can play a part. */
export function kindsFor(part: VoicePart, { stages }: VoiceKinds): VoiceKinds['stages'] {
  return Object.fromEntries(Object.entries(stages).filter(([, { parts }]) => parts.includes(part)));
}

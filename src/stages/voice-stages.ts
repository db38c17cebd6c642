import type { VoiceConfig } from '../config/voice.js';
import { type RecogniserSpec, recogniserSpecSchema, type StageSpec, stageSpecSchema } from './registry.js';

/** The stages of a voice cascade as data, and what their models bring along. */
export interface VoiceStages {
  readonly tiny: StageSpec;
  /** Null: tiny is believed alone. */
  readonly heavy: StageSpec | null;
  /** Null: no utterance is understood here. */
  readonly recogniser: RecogniserSpec | null;
  /** Labels tiny may report. */
  readonly words: readonly string[];
  readonly traits: {
    /** Samples tiny is given at a time. */
    readonly hopSamples: number;
    readonly debounceHops: number;
    /** Signal tiny must have heard before its scores mean something. */
    readonly contextMs: number;
  };
}

/** openWakeWord's history: 76 mel frames of 10 ms and 16 embeddings 80 ms apart. */
const OWW_CONTEXT_MS = 2040;
const HOP_SAMPLES = 1280;

/** Which models a `voice` cascade of the configuration names. */
export function voiceStages({ tiny, heavy, utterance, recogniser }: VoiceConfig): VoiceStages {
  const keywords = tiny.words ?? ['alexa', 'hey_jarvis'];
  const oww = (name: string, thresholds: unknown, budgetMs: number) =>
    stageSpecSchema.parse({ kind: 'oww', name, keywords, thresholds, budgetMs });
  return {
    tiny: oww(tiny.model, tiny.thresholds ?? { accept: 0.6, reject: 0.2 }, heavy.budgetMs),
    heavy: heavy.enabled
      ? oww(heavy.model, heavy.thresholds ?? { accept: 0.5, reject: 0.3 }, heavy.budgetMs)
      : null,
    recogniser:
      utterance.enabled && recogniser.models.length > 0
        ? recogniserSpecSchema.parse({ kind: 'moonshine', budgetMs: recogniser.budgetMs })
        : null,
    words: keywords,
    traits: { hopSamples: HOP_SAMPLES, debounceHops: 1, contextMs: OWW_CONTEXT_MS },
  };
}

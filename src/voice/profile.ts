import type { CalmProfile, CascadeProfile, Followup } from '../core/cascade/profile.js';
import type { VoiceConfig } from './config.js';
import type { VoiceModelTraits } from './stages/stage-kind.js';

/** Hops in a row below tiny's reject threshold that arm it again. */
const REARM_HOPS = 2;
const RISE_DB_PER_SECOND = 2;
/** Below the deepest voices: what a card adds to every sample, steps and traffic say nothing. */
const HIGH_PASS_HZ = 50;
/** As `LOUDNESS_FROM_HZ` of the features: speech has most of its loudness above, mains hum below. */
const LOUD_FROM_HZ = 200;
/** Enough for a word to be noticed and verified, and for an order to be over. */
const SILENCE_AT_END_MS = 1200;

/** Maps a `voice` cascade of the configuration to what the engine takes. */
export function voiceProfile(config: VoiceConfig, traits: VoiceModelTraits): CascadeProfile {
  const { gate, tiny, heavy, policy } = config;
  const tailMs = heavy.enabled ? (heavy.tailMs ?? traits.tailMs) : 0;
  return {
    hopSamples: traits.hopSamples,
    ringMs: config.ringMs,
    highPassHz: HIGH_PASS_HZ,
    silenceAtEndMs: SILENCE_AT_END_MS,
    gate: gate.enabled
      ? {
          fromHz: LOUD_FROM_HZ,
          openDb: gate.openDb,
          holdMs: gate.holdMs,
          preRollMs: Math.max(config.preRollMs, traits.contextMs),
          ...(traits.resumeMs === undefined ? {} : { resumeMs: Math.max(config.preRollMs, traits.resumeMs) }),
          lowestFloorDb: gate.lowestFloorDb,
          riseDbPerSecond: RISE_DB_PER_SECOND,
          napMs: gate.napMs,
        }
      : null,
    notice: {
      debounceHops: tiny.debounceHops ?? traits.debounceHops,
      refractoryMs: tiny.refractoryMs,
      rearmHops: REARM_HOPS,
      rearmTimeoutMs: tiny.rearmTimeoutMs,
      prefetch: heavy.prefetch,
      calm: calmFor(traits, tailMs),
    },
    verify: {
      windowMs: heavy.windowMs,
      tailMs,
      againMs: traits.againMs,
    },
    followup: followup(config),
    policy: {
      escalateOn: policy.escalateOn,
      believeUncertain: policy.believeUncertain,
      believeTinyAlone: policy.believeTinyAlone,
      minConfidence: config.recogniser.minConfidence,
      longUtteranceMs: policy.longUtteranceMs,
      answers: {},
    },
    clip: config.clip,
    priority: policy.priority,
  };
}

/** Verification waits for its tail: what is noticed no later than that is verified when it would have been. */
function calmFor({ calm }: VoiceModelTraits, tailMs: number): CalmProfile | null {
  if (calm === null || (calm.mayDelay && calm.waitMs > tailMs)) return null;
  return { below: calm.below, waitMs: calm.waitMs };
}

function followup({ utterance }: VoiceConfig): Followup {
  if (!utterance.enabled) return { kind: 'none' };
  const { leadMs, endSilenceMs, startTimeoutMs, maxMs } = utterance;
  return { kind: 'utterance', leadMs, endSilenceMs, startTimeoutMs, maxMs };
}

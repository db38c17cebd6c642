import type { BuiltCascade, CascadeEdges, CascadePlace } from '../core/cascade/assembly.js';
import { Cascade } from '../core/cascade/cascade.js';
import type { Listening, ProfileOf, Sequel } from '../core/cascade/cascade-deps.js';
import type { Recogniser } from '../core/cascade/stage.js';
import { CatnapError } from '../core/errors.js';
import type { StageDescription } from '../core/metering/telemetry.js';
import type { SignalTraits } from '../core/signal/frame.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import type { VoiceConfig } from './config.js';
import { IntentMatcher } from './intents/matcher.js';
import type { IntentsConfig } from './intents/schema.js';
import type { VoicePlan } from './plan.js';
import { voiceProfile } from './profile.js';

/** Where a voice cascade is built. */
export interface VoicePlace extends CascadePlace {
  /** What is settled on the device. */
  readonly intents: IntentsConfig;
}

/** A voice cascade that may be given other words while it listens. */
export interface BuiltVoice extends BuiltCascade {
  /**
   * Listens for what a plan says from the next quiet moment on, and resolves with its stages then. Only what notices
   * and verifies words is exchanged. Told again before that, it takes the later plan.
   * @throws CatnapError as {@link buildVoice}; then it goes on as it was.
   */
  exchange(config: VoiceConfig, specs: VoicePlan): Promise<readonly StageDescription[]>;
}

/**
 * Builds a voice cascade, loading the models of the stages that are always on.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE` when tiny cannot be had.
 */
export async function buildVoice(
  { source, ids = source, run, intents }: VoicePlace,
  config: VoiceConfig,
  specs: VoicePlan,
  edges: CascadeEdges,
): Promise<BuiltVoice> {
  let listening = await listeningBy(specs, edges);
  const endpointer = specs.endpointer === null ? null : await edges.stages.stream(specs.endpointer);
  const recogniser = specs.recogniser === null ? null : await edges.stages.recogniser(specs.recogniser);
  const speech = specs.speech === null ? null : await edges.stages.here(specs.speech);
  const sequels = await sequelsOf(config, specs, recogniser, intents, edges);
  const cascade = new Cascade(profileOf(source, config, specs), {
    ...edges,
    ...listening,
    source,
    ids,
    run,
    recogniser,
    endpointer,
    speech,
    settle: new IntentMatcher(intents, config.intents ?? null).settle,
    sequels,
  });
  return {
    cascade,
    stages: descriptions(specs),
    exchange: async (to, others) => {
      if (others.traits.hopSamples !== specs.traits.hopSamples)
        throw new CatnapError('USAGE', `${source}: these words are heard in other hops; restart Catnap`);
      const [before, next] = [listening, await listeningBy(others, edges)];
      await cascade.exchange(profileOf(source, to, others), next);
      listening = next;
      await disposeOf(before);
      return descriptions(others);
    },
    dispose: async () => {
      await disposeOf(listening);
      await speech?.dispose();
      await endpointer?.dispose();
      await recogniser?.dispose();
      for (const { recogniser: its } of sequels.values()) if (its !== recogniser) await its?.dispose();
    },
  };
}

/** What follows words that lead to other cascades; a recogniser that is planned alike is the same. */
async function sequelsOf(
  config: VoiceConfig,
  { sequels, recogniser: spec, traits }: VoicePlan,
  recogniser: Recogniser | null,
  intents: IntentsConfig,
  { stages }: CascadeEdges,
): Promise<ReadonlyMap<string, Sequel>> {
  const built = new Map<string, Sequel>();
  for (const [word, { config: its, recogniser: asked }] of Object.entries(sequels)) {
    const isSame = JSON.stringify(asked) === JSON.stringify(spec);
    const own = isSame || asked === null ? null : await stages.recogniser(asked);
    const { followup, policy, clip, priority } = voiceProfile({ ...config, ...its }, traits);
    built.set(word, {
      profile: { followup, policy, clip, priority },
      recogniser: isSame ? recogniser : own,
      settle: new IntentMatcher(intents, its.intents ?? null).settle,
    });
  }
  return built;
}

async function listeningBy({ tiny, heavy }: VoicePlan, { stages }: CascadeEdges): Promise<Listening> {
  return { tiny: await stages.here(tiny), heavy: heavy === null ? null : await stages.heavy(heavy) };
}

async function disposeOf({ tiny, heavy }: Listening): Promise<void> {
  await tiny.dispose();
  await heavy?.dispose();
}

function profileOf(source: string, config: VoiceConfig, { traits }: VoicePlan): ProfileOf {
  const profile = voiceProfile(config, traits);
  return (signal) => {
    requireVoice(source, signal);
    return profile;
  };
}

/** Voice models hear nothing but mono at 16 kHz; another rate would only sound wrong to them. */
function requireVoice(source: string, { rateHz, channels }: SignalTraits): void {
  if (rateHz === VOICE_RATE_HZ && channels.length === 1) return;
  throw new CatnapError(
    'SOURCE_FORMAT',
    `${source}: expected one channel at ${VOICE_RATE_HZ} Hz, found ${channels.length} at ${rateHz} Hz`,
  );
}

function descriptions({
  tiny,
  heavy,
  endpointer,
  recogniser,
  thresholds,
}: VoicePlan): readonly StageDescription[] {
  const stages: StageDescription[] = [
    { role: 'gate', stage: 'gate', thresholds: null },
    { role: 'tiny', stage: tiny.name, thresholds: thresholds.tiny },
  ];
  if (heavy !== null) stages.push({ role: 'heavy', stage: heavy.name, thresholds: thresholds.heavy });
  if (endpointer !== null) stages.push({ role: 'endpointer', stage: endpointer.name, thresholds: null });
  if (recogniser !== null) {
    // The member that answers signs with its own name, a time-out with the name of all.
    for (const stage of new Set([recogniser.name, ...recogniser.members.map(({ name }) => name)])) {
      stages.push({ role: 'recogniser', stage, thresholds: null });
    }
  }
  return stages;
}

import { Cascade, type CascadeDeps } from '../core/cascade/cascade.js';
import type { Recogniser, Stage } from '../core/cascade/stage.js';
import { neverTimer } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import { nullMeter } from '../core/metering/meter.js';
import type { StageDescription } from '../core/metering/telemetry.js';
import type { SignalTraits } from '../core/signal/frame.js';
import { VOICE_RATE_HZ } from '../sources/mono.js';
import type { VoiceConfig } from '../voice/config.js';
import type { IntentsConfig } from '../voice/intents/config.js';
import { IntentMatcher } from '../voice/intents/matcher.js';
import type { VoiceStages } from '../voice/plan.js';
import { voiceProfile } from '../voice/profile.js';
import type { RecogniserSpec, StageSpec } from '../voice/stages/spec.js';
import type { CascadeConfig } from './config.js';
import { systemClock } from './process/system-clock.js';
import { createRecogniser, createStage } from './stages.js';

/** A cascade as serialisable data, so that a worker can be given it. */
export interface CascadeSpec {
  readonly source: string;
  /** Identifies this run of the process. */
  readonly run: string;
  /** What ids begin with; the source when left out. */
  readonly ids?: string;
  readonly cascade: CascadeConfig;
  /** Stages of a voice cascade, where whoever asks has looked them up already; that takes schemas a worker does without. */
  readonly voice?: VoiceStages;
  /** What is settled on the device. */
  readonly intents: IntentsConfig;
  /** Where what a sensor cascade learns is kept; without it nothing is kept. */
  readonly stateDir?: string;
  /** What relative paths in the cascade are relative to; the working folder when left out. */
  readonly folder?: string;
}

/** Where heavy stages live: in this process for a replay, in a child that can be killed for a live source. */
export interface HeavyHost {
  stage(spec: StageSpec): Promise<Stage>;
  /** One that is shown every hop, and must not be waited for. */
  stream(spec: StageSpec): Promise<Stage>;
  recogniser(spec: RecogniserSpec): Promise<Recogniser>;
}

/** Heavy stages in this process, awake all the time. */
export const heavyHere: HeavyHost = { stage: createStage, stream: createStage, recogniser: createRecogniser };

/** What a cascade needs from whoever runs it. */
export type CascadeEdges = Pick<
  CascadeDeps,
  'uplink' | 'otherSources' | 'cloudAway' | 'emit' | 'telemetry' | 'meter' | 'clock' | 'timer'
> & { readonly heavy: HeavyHost };

/** Edges of a cascade alone in this process: nothing leaves it, nothing is measured, and no stage has a budget. */
export function quietEdges(emit: CascadeEdges['emit']): CascadeEdges {
  return {
    heavy: heavyHere,
    uplink: { prepare: () => {}, offer: () => {} },
    otherSources: () => [],
    cloudAway: () => false,
    emit,
    telemetry: null,
    meter: nullMeter,
    clock: systemClock,
    timer: neverTimer,
  };
}

/** A cascade and what to call when it is no longer needed. */
export interface BuiltCascade {
  readonly cascade: Cascade;
  /** Cheapest first. */
  readonly stages: readonly StageDescription[];
  dispose(): Promise<void>;
}

/**
 * Builds a cascade from its configuration, loading the models of the stages that are always on. The one
 * construction path of live sources and replays.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE` when tiny cannot be had.
 */
export async function buildCascade(spec: CascadeSpec, edges: CascadeEdges): Promise<BuiltCascade> {
  const { cascade: config } = spec;
  switch (config.kind) {
    case 'voice':
      return buildVoice(spec, config, edges);
    case 'sensor':
      return (await import('../sensor/build.js')).buildSensor(spec, config, edges);
  }
}

async function buildVoice(
  { source, ids = source, run, intents, voice }: CascadeSpec,
  config: VoiceConfig,
  edges: CascadeEdges,
): Promise<BuiltCascade> {
  const specs = voice ?? (await import('../voice/plan.js')).voiceStages(config);
  const tiny = await createStage(specs.tiny);
  const heavy = specs.heavy === null ? null : await edges.heavy.stage(specs.heavy);
  const speech = specs.speech === null ? null : await edges.heavy.stream(specs.speech);
  const recogniser = specs.recogniser === null ? null : await edges.heavy.recogniser(specs.recogniser);
  const profile = voiceProfile(config, specs.traits);
  const profileOf = (signal: SignalTraits) => {
    requireVoice(source, signal);
    return profile;
  };
  const cascade = new Cascade(profileOf, {
    ...edges,
    source,
    ids,
    run,
    tiny,
    heavy,
    recogniser,
    speech,
    settle: new IntentMatcher(intents).settle,
    summarise: null,
  });
  return {
    cascade,
    stages: descriptions(specs),
    dispose: async () => {
      await tiny.dispose();
      await heavy?.dispose();
      await speech?.dispose();
      await recogniser?.dispose();
    },
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
  speech,
  recogniser,
  thresholds,
}: VoiceStages): readonly StageDescription[] {
  const stages: StageDescription[] = [
    { role: 'gate', stage: 'gate', thresholds: null },
    { role: 'tiny', stage: tiny.name, thresholds: thresholds.tiny },
  ];
  if (heavy !== null) stages.push({ role: 'heavy', stage: heavy.name, thresholds: thresholds.heavy });
  if (speech !== null) stages.push({ role: 'speech', stage: speech.name, thresholds: null });
  if (recogniser !== null) {
    // The member that answers signs with its own name, a time-out with the name of all.
    const members = recogniser.kind === 'first-of' ? recogniser.members.map(({ name }) => name) : [];
    for (const stage of new Set([recogniser.name, ...members])) {
      stages.push({ role: 'recogniser', stage, thresholds: null });
    }
  }
  return stages;
}

import type { CascadeConfig } from '../config/schema.js';
import type { VoiceConfig } from '../config/voice.js';
import { voiceProfile } from '../config/voice-profile.js';
import { Cascade, type CascadeDeps } from '../core/cascade.js';
import { CatnapError } from '../core/errors.js';
import { settleNothing } from '../core/settle.js';
import type { Stage } from '../core/stage.js';
import { createStage, type StageSpec, stageSpecSchema } from '../stages/registry.js';

/** A cascade as serialisable data, so that a worker can be given it. */
export interface CascadeSpec {
  readonly source: string;
  /** Identifies this run of the process. */
  readonly run: string;
  readonly cascade: CascadeConfig;
}

/** Where heavy stages live: in this process for a replay, in a child that can be killed for a live source. */
export interface HeavyHost {
  stage(spec: StageSpec): Promise<Stage>;
}

/** Heavy stages in this process, awake all the time. */
export const heavyHere: HeavyHost = { stage: createStage };

/** What a cascade needs from whoever runs it. */
export type CascadeEdges = Pick<
  CascadeDeps,
  'uplink' | 'otherSources' | 'emit' | 'telemetry' | 'meter' | 'clock' | 'timer'
> & { readonly heavy: HeavyHost };

/** A cascade and what to call when it is no longer needed. */
export interface BuiltCascade {
  readonly cascade: Cascade;
  dispose(): Promise<void>;
}

const VOICE_HOP_SAMPLES = 1280;
/** openWakeWord's history: 76 mel frames of 10 ms and 16 embeddings 80 ms apart. */
const OWW_CONTEXT_MS = 2040;

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
      throw new CatnapError('CONFIG_INVALID', `${spec.source}: sensor cascades cannot be built yet`);
  }
}

async function buildVoice(
  { source, run }: CascadeSpec,
  config: VoiceConfig,
  edges: CascadeEdges,
): Promise<BuiltCascade> {
  const tiny = await createStage(tinySpec(config));
  const heavy = config.heavy.enabled ? await edges.heavy.stage(heavySpec(config)) : null;
  const profile = voiceProfile(config, {
    hopSamples: VOICE_HOP_SAMPLES,
    debounceHops: 1,
    contextMs: OWW_CONTEXT_MS,
  });
  const cascade = new Cascade(profile, {
    ...edges,
    source,
    run,
    tiny,
    heavy,
    recogniser: null,
    speech: null,
    settle: settleNothing,
    summarise: null,
  });
  return {
    cascade,
    dispose: async () => {
      await tiny.dispose();
      await heavy?.dispose();
    },
  };
}

function tinySpec({ tiny }: VoiceConfig): StageSpec {
  return stageSpecSchema.parse({
    kind: 'oww',
    name: tiny.model,
    keywords: tiny.words ?? ['alexa', 'hey_jarvis'],
    thresholds: tiny.thresholds ?? { accept: 0.6, reject: 0.2 },
  });
}

function heavySpec({ tiny, heavy }: VoiceConfig): StageSpec {
  return stageSpecSchema.parse({
    kind: 'oww',
    name: heavy.model,
    keywords: tiny.words ?? ['alexa', 'hey_jarvis'],
    thresholds: heavy.thresholds ?? { accept: 0.5, reject: 0.3 },
    budgetMs: heavy.budgetMs,
  });
}

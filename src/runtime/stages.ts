import type { StageSpec } from '../core/cascade/assembly.js';
import type { Recogniser, Stage } from '../core/cascade/stage.js';
import { CatnapError } from '../core/errors.js';
import type { AnomalyHeavySpec, AnomalyTinySpec } from '../sensor/spec.js';
import type { RecogniserSpec, VoiceStageSpec } from '../voice/stages/spec.js';

type AnyStageSpec = VoiceStageSpec | AnomalyTinySpec | AnomalyHeavySpec;

/** How each kind of stage is made of its spec. A kind's code and libraries are loaded when it is asked for. */
const STAGES: {
  readonly [Kind in AnyStageSpec['kind']]: (spec: Extract<AnyStageSpec, { kind: Kind }>) => Promise<Stage>;
} = {
  oww: async (spec) => (await import('../voice/stages/oww.js')).createOwwStage(spec),
  'wake-tiny': async (spec) => (await import('../voice/stages/wake-tiny.js')).createWakeTiny(spec),
  'wake-heavy': async (spec) => (await import('../voice/stages/wake-heavy.js')).createWakeHeavy(spec),
  'silero-vad': async (spec) => (await import('../voice/stages/silero-vad.js')).createSileroVad(spec),
  'anomaly-tiny': async (spec) => (await import('../sensor/tiny.js')).createAnomalyTiny(spec),
  'anomaly-heavy': async (spec) => (await import('../sensor/heavy.js')).createAnomalyHeavy(spec),
};

/** How each kind of recogniser is made of its spec. */
const RECOGNISERS: {
  readonly [Kind in RecogniserSpec['kind']]: (
    spec: Extract<RecogniserSpec, { kind: Kind }>,
  ) => Promise<Recogniser>;
} = {
  moonshine: async (spec) => (await import('../voice/stages/moonshine.js')).createMoonshine(spec),
  commands: async (spec) => (await import('../voice/stages/commands.js')).createCommands(spec),
  'first-of': async (spec) => {
    const members: Recogniser[] = [];
    for (const member of spec.members) members.push(await createRecogniser(member));
    return (await import('../voice/stages/first-of.js')).createFirstOf(spec, members);
  },
};

/**
 * Builds a stage, loading its models.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`; `STAGE_UNAVAILABLE` for a kind there is none of.
 */
export async function createStage(spec: StageSpec): Promise<Stage> {
  return makerOf(STAGES, spec)(spec);
}

/**
 * Builds a recogniser, loading its models.
 * @throws CatnapError as {@link createStage}.
 */
export async function createRecogniser(spec: StageSpec): Promise<Recogniser> {
  return makerOf(RECOGNISERS, spec)(spec);
}

function makerOf<Made>(
  table: Readonly<Record<string, (spec: never) => Promise<Made>>>,
  { kind, name }: StageSpec,
): (spec: StageSpec) => Promise<Made> {
  const maker = Object.hasOwn(table, kind) ? table[kind] : undefined;
  if (maker !== undefined) return maker as (spec: StageSpec) => Promise<Made>;
  const known = Object.keys(table).join(', ');
  throw new CatnapError('STAGE_UNAVAILABLE', `stage ${name}: expected a kind of ${known}, found ${kind}`);
}

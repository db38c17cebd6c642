import type { RecogniserSpec, StageSpec } from '../core/cascade/assembly.js';
import type { Recogniser, Stage } from '../core/cascade/stage.js';
import type { Clock } from '../core/clock.js';
import { CatnapError } from '../core/errors.js';
import type { Check } from '../core/finding.js';
import type { JudgedSpec } from '../learning/judges/judged-stage.js';
import { isJudged, JudgedRecogniser } from '../learning/judges/transcripts/judged-recogniser.js';
import type { Planners } from '../models/kind.js';
import { anomalyHeavy } from '../sensor/anomaly-heavy/kind.js';
import { anomalyTiny } from '../sensor/anomaly-tiny/kind.js';
import { moduleHeavy, moduleTiny } from '../sensor/module.js';
import type {
  SensorHeavySpecs,
  SensorKinds,
  SensorStageEdges,
  SensorStageKind,
  SensorTinySpecs,
} from '../sensor/stage-kind.js';
import { classifier } from '../voice/stages/classifier/kind.js';
import { commands } from '../voice/stages/commands/kind.js';
import { edgeImpulse } from '../voice/stages/edge-impulse/kind.js';
import type { GroupSpec } from '../voice/stages/group.js';
import { microWakeWord } from '../voice/stages/microwakeword/kind.js';
import { moduleEndpointer, moduleRecogniser, moduleStage } from '../voice/stages/module.js';
import { moonshine } from '../voice/stages/moonshine/kind.js';
import { openAiRecogniser, openAiStage } from '../voice/stages/openai/kind.js';
import { openWakeWord } from '../voice/stages/openwakeword/kind.js';
import { phones } from '../voice/stages/phones/kind.js';
import { silero } from '../voice/stages/silero-vad/kind.js';
import type {
  EndpointerKind,
  EndpointerSpecs,
  RecogniserKind,
  RecogniserSpecs,
  VoiceKinds,
  VoiceStageKind,
  VoiceStageSpecs,
} from '../voice/stages/stage-kind.js';
import { wakeHeavy } from '../voice/stages/wake-heavy/kind.js';
import { wakeTiny } from '../voice/stages/wake-tiny/kind.js';
import type { OwnWordsHeavySpec } from '../voice/words/own-words-heavy.js';
import type { OwnWordsTinySpec } from '../voice/words/own-words-tiny.js';
import {
  createStageJudge,
  createTranscriptJudge,
  stageJudgesFor,
  TRANSCRIPT_JUDGES,
} from './stage-judges.js';

/** Kinds of stages that listen for words, as tiny or as heavy. */
const VOICE_STAGES: {
  readonly [Kind in keyof VoiceStageSpecs]: VoiceStageKind<VoiceStageSpecs[Kind]>;
} = {
  'wake-heavy': wakeHeavy,
  'wake-tiny': wakeTiny,
  openwakeword: openWakeWord,
  microwakeword: microWakeWord,
  classifier,
  'edge-impulse': edgeImpulse,
  openai: openAiStage,
  phones,
  module: moduleStage,
};

/** Kinds of stages that tell speech from other sounds, for the end of an utterance. */
const ENDPOINTERS: {
  readonly [Kind in keyof EndpointerSpecs]: EndpointerKind<EndpointerSpecs[Kind]>;
} = {
  silero,
  module: moduleEndpointer,
};

/** Kinds of recognisers. */
const RECOGNISERS: {
  readonly [Kind in keyof RecogniserSpecs]: RecogniserKind<RecogniserSpecs[Kind]>;
} = {
  commands,
  moonshine,
  openai: openAiRecogniser,
  module: moduleRecogniser,
};

/** Kinds of tiny for sensors. */
const SENSOR_TINIES: {
  readonly [Kind in keyof SensorTinySpecs]: SensorStageKind<SensorTinySpecs[Kind]>;
} = {
  'anomaly-tiny': anomalyTiny,
  module: moduleTiny,
};

/** Kinds of heavy for sensors. */
const SENSOR_HEAVIES: {
  readonly [Kind in keyof SensorHeavySpecs]: SensorStageKind<SensorHeavySpecs[Kind]>;
} = {
  'anomaly-heavy': anomalyHeavy,
  module: moduleHeavy,
};

/** What a voice cascade may be made of. */
export const VOICE_KINDS: VoiceKinds = {
  stages: VOICE_STAGES,
  endpointers: ENDPOINTERS,
  recognisers: RECOGNISERS,
  judges: stageJudgesFor('voice'),
  transcriptJudges: TRANSCRIPT_JUDGES,
};

/** What a sensor cascade may be made of. */
export const SENSOR_KINDS: SensorKinds = {
  tinies: SENSOR_TINIES,
  heavies: SENSOR_HEAVIES,
  judges: stageJudgesFor('sensor'),
};

/** What the kinds bring along that can be looked at without a configuration. */
export function stageChecks(): readonly Check[] {
  const tables: readonly Planners[] = [VOICE_STAGES, RECOGNISERS, ENDPOINTERS, SENSOR_TINIES, SENSOR_HEAVIES];
  return tables.flatMap((table) => Object.values(table).flatMap(({ checks }) => checks ?? []));
}

/** What a stage is given of the world it is made in. */
interface StageEdges extends SensorStageEdges {
  /** By which it keeps within its budget; null: it takes the time that it needs, as in a replay. */
  readonly clock: Pick<Clock, 'monotonicMs'> | null;
}

/** Parts of a voice cascade that listen for the owner's words; planned from the words, not named. */
const OWN_WORDS = {
  'own-words-tiny': {
    create: async (spec: OwnWordsTinySpec) =>
      (await import('../voice/words/own-words-tiny.js')).createOwnWordsTiny(spec),
  },
  'own-words-heavy': {
    create: async (spec: OwnWordsHeavySpec, { clock }: StageEdges) =>
      (await import('../voice/words/own-words-heavy.js')).createOwnWordsHeavy(spec, null, clock),
  },
  group: { create: createGroup },
};

/** A stage whose decisions a judge looks at. */
const JUDGED = { judged: { create: createJudged } };

/** One name is one kind in all tables of stages: whoever builds one is given no more than its spec. */
interface StageSpecs extends VoiceStageSpecs, EndpointerSpecs, SensorTinySpecs, SensorHeavySpecs {
  'own-words-tiny': OwnWordsTinySpec;
  'own-words-heavy': OwnWordsHeavySpec;
  group: GroupSpec;
  judged: JudgedSpec;
}

const STAGES: {
  readonly [Kind in keyof StageSpecs]: {
    create(spec: StageSpecs[Kind], edges: StageEdges): Promise<Stage>;
  };
} = { ...VOICE_STAGES, ...ENDPOINTERS, ...SENSOR_TINIES, ...SENSOR_HEAVIES, ...OWN_WORDS, ...JUDGED };

/** What a worker may be asked for: every kind of stage there is, and recognisers. */
export const HOSTED_KINDS: readonly string[] = [...Object.keys(STAGES), 'recogniser'];

/**
 * Builds a stage, loading its models; `beside` is a stage of the same thread whose memory it may share.
 * @param clock by which it keeps within its budget; null: it takes the time that it needs, as in a replay.
 * @throws CatnapError `MODEL_MISSING`, `MODEL_CORRUPT`, `MODEL_SHAPE`; `STAGE_UNAVAILABLE` for a kind there is none of.
 */
export async function createStage(
  spec: StageSpec,
  beside?: Stage,
  clock: StageEdges['clock'] = null,
): Promise<Stage> {
  const kind = kindOf<{ create(spec: StageSpec, edges: StageEdges): Promise<Stage> }>(STAGES, spec);
  return kind.create(spec, { beside, openRecording, clock });
}

/** The table of sources is loaded where it is needed: most stages learn from no recording. */
const openRecording: SensorStageEdges['openRecording'] = async (...recording) =>
  (await import('./sources.js')).openRecording(...recording);

async function createGroup(spec: GroupSpec, { clock }: StageEdges): Promise<Stage> {
  const members: { readonly stage: Stage; readonly words: readonly string[] }[] = [];
  for (const { spec: member, words } of spec.members)
    members.push({ stage: await createStage(member, undefined, clock), words });
  const { StageGroup } = await import('../voice/stages/group.js');
  return new StageGroup(spec, members);
}

async function createJudged(spec: JudgedSpec, { beside, clock }: StageEdges): Promise<Stage> {
  const stage = await createStage(spec.stage, beside, clock);
  const other = spec.other === null ? null : await createStage(spec.other.spec, undefined, clock);
  const { JudgedStage } = await import('../learning/judges/judged-stage.js');
  return new JudgedStage(spec, { stage, other, judge: createStageJudge(spec.judge) });
}

/**
 * Builds a recogniser, loading its members' models.
 * @throws CatnapError as {@link createStage}.
 */
export async function createRecogniser(spec: RecogniserSpec): Promise<Recogniser> {
  const members: Recogniser[] = [];
  for (const member of spec.members) members.push(await createMember(member));
  const recogniser = (await import('../voice/stages/first-of.js')).createFirstOf(spec, members);
  if (!isJudged(spec)) return recogniser;
  const other = spec.other === null ? null : await createMember(spec.other);
  return new JudgedRecogniser(spec, { recogniser, other, judge: createTranscriptJudge(spec.judge) });
}

async function createMember(spec: StageSpec): Promise<Recogniser> {
  return kindOf<{ create(spec: StageSpec): Promise<Recogniser> }>(RECOGNISERS, spec).create(spec);
}

function kindOf<Kind>(table: Readonly<Record<string, unknown>>, { kind, name }: StageSpec): Kind {
  if (Object.hasOwn(table, kind)) return table[kind] as Kind;
  const known = Object.keys(table).join(', ');
  throw new CatnapError('STAGE_UNAVAILABLE', `stage ${name}: expected a kind of ${known}, found ${kind}`);
}

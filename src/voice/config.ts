import { dirname, resolve } from 'node:path';
import type { ActionConfig } from '../actions/action-kind.js';
import { remoteSchema } from '../core/cascade/remote-schema.js';
import { CatnapError } from '../core/errors.js';
import { reasonSchema } from '../core/events/trail-schema.js';
import { faultsBelow, type SettingFault } from '../core/kind.js';
import { thresholdsSchema, wordThresholdsSchema } from '../core/thresholds-schema.js';
import * as z from '../core/zod.js';
import type { DeviceJudges, JudgeSettings } from '../learning/judges/device-judge.js';
import {
  judgeFaults,
  judgeFrom,
  stageJudgeSchema,
  transcriptJudgeSchema,
} from '../learning/judges/plan-judge.js';
import {
  type Choice,
  choiceFrom,
  choiceSchema,
  namedKinds,
  type PlacedChoice,
  type Planners,
} from '../models/kind.js';
import { fileSettings } from './file-settings.js';
import { kindsFor, type VoiceKinds } from './stages/stage-kind.js';
import { missingTakes, nameOfWord, ownWordFaults, ownWordFrom, ownWordSchema } from './words/config.js';
import { type Vocabulary, vocabularyOf } from './words/known.js';
import { labelOf, unknownWords } from './words/labels.js';

const confidence = z.number().min(0).max(1);

/** Speech a step from a usual microphone is louder, dBFS of a hop; a gate that opens above it hears nobody. */
const QUIET_SPEECH_DBFS = -40;

const gateSettings = ({ endpointers }: VoiceKinds) =>
  z.strictObject({
    enabled: z
      .boolean()
      .default(true)
      .describe('Whether the gate is used; without it tiny runs on silence, too.'),
    openDb: z
      .number()
      .min(0)
      .max(40)
      .default(6)
      .describe('Level above the adaptive floor that opens the gate, dB.'),
    lowestFloorDb: z
      .number()
      .min(-120)
      .max(0)
      .default(-90)
      .describe('The floor never falls below this, dBFS.'),
    holdMs: z
      .number()
      .min(0)
      .max(10_000)
      .default(800)
      .describe('The gate stays open this long after the level falls.'),
    napMs: z
      .number()
      .min(0)
      .max(400)
      .default(240)
      .describe(
        'While it is shut, audio is taken this late and in one go: fewer wake-ups, no word noticed later.',
      ),
    speech: choiceSchema(z, z.enum(namedKinds(endpointers)), endpointers)
      .nullable()
      .default(null)
      .describe(
        'What shuts it where nobody speaks, however loud it is: `silero`, or a module of your own; null: the level alone. Worth it before a tiny that costs more.',
      ),
  });

const gate = (kinds: VoiceKinds) =>
  gateSettings(kinds).superRefine(({ enabled, openDb, lowestFloorDb }, context) => {
    const opensAt = lowestFloorDb + openDb;
    if (!enabled || opensAt <= QUIET_SPEECH_DBFS) return;
    const message =
      `expected lowestFloorDb + openDb of at most ${QUIET_SPEECH_DBFS} dBFS, found ${opensAt}: ` +
      'the gate would stay shut while somebody speaks';
    context.addIssue({ code: 'custom', path: ['lowestFloorDb'], message });
  });

const tiny = (kinds: VoiceKinds) =>
  z.strictObject({
    model: choiceSchema(z, z.string(), kinds.stages)
      .default('wake-tiny')
      .describe(
        'Model that notices: a shipped one, the file of a manifest or of a wake word that others trained, or a module of your own.',
      ),
    words: z
      .array(z.union([z.string(), ownWordSchema]))
      .min(1)
      .optional()
      .describe('Wake words to listen for, of the model or your own; omitted, all the model knows.'),
    thresholds: thresholdsSchema.optional().describe('When a word is believed; omitted, from the manifest.'),
    wordThresholds: wordThresholdsSchema,
    debounceHops: z
      .int()
      .min(1)
      .max(20)
      .optional()
      .describe('Hops in a row that must agree; omitted, from the manifest.'),
    refractoryMs: z
      .number()
      .min(0)
      .max(60_000)
      .default(1500)
      .describe('Tiny hears nothing for this long after a detection.'),
    rearmTimeoutMs: z
      .number()
      .min(500)
      .max(600_000)
      .default(10_000)
      .describe('A score that does not fall this long is taken for stuck; tiny starts anew.'),
  });

const heavy = (kinds: VoiceKinds) =>
  z.strictObject({
    enabled: z.boolean().default(true).describe('Off: tiny is believed alone.'),
    model: choiceSchema(z, z.string(), kinds.stages)
      .default('wake-heavy')
      .describe('Model asked about the audio around what tiny noticed, named as tiny is.'),
    thresholds: thresholdsSchema.optional().describe('When a word is believed; omitted, from the manifest.'),
    wordThresholds: wordThresholdsSchema,
    judge: stageJudgeSchema(z, kinds.judges),
    specialists: z
      .record(z.string(), choiceSchema(z, z.string(), kinds.stages))
      .default({})
      .describe('By wake word: another model that is asked about it in place of `model`, named as that is.'),
    prefetch: confidence
      .default(0.3)
      .describe('Tiny confidence that already wakes the verifier and opens the uplink.'),
    windowMs: z
      .number()
      .min(200)
      .max(10_000)
      .default(2500)
      .describe('Audio up to the wake that the verifier is shown.'),
    tailMs: z
      .number()
      .min(0)
      .max(2000)
      .optional()
      .describe('Audio after the wake that the verifier waits for; omitted, from the manifest.'),
    budgetMs: z
      .number()
      .min(10)
      .max(60_000)
      .default(1500)
      .describe('A verifier that takes longer is ended; policy decides without it.'),
    warmMs: z
      .number()
      .min(0)
      .max(3_600_000)
      .default(20_000)
      .describe('The verifier stays awake this long after its last work.'),
    remote: remoteSchema,
  });

const utterance = ({ endpointers }: VoiceKinds) =>
  z.strictObject({
    enabled: z.boolean().default(true).describe('Off: a verified wake word is the whole event.'),
    leadMs: z
      .number()
      .min(0)
      .max(2000)
      .default(200)
      .describe(
        'Audio from before the wake that belongs to it, where no stage places the end of the word: tiny is late by up to this much.',
      ),
    endpoint: choiceSchema(z, z.enum([...namedKinds(endpointers), 'level']), endpointers)
      .default('silero')
      .describe(
        'What tells speech from noise and music: Silero VAD in the heavy process, a module of your own, or the level alone.',
      ),
    maxMs: z
      .number()
      .min(500)
      .max(30_000)
      .default(8000)
      .describe('Longest utterance; then the outcome is `timeout`.'),
    endSilenceMs: z.number().min(100).max(5000).default(700).describe('Silence that ends an utterance.'),
    startTimeoutMs: z
      .number()
      .min(200)
      .max(15_000)
      .default(3000)
      .describe('The utterance is over when nothing is said for this long.'),
    remote: remoteSchema.describe(
      'As `heavy.remote`, for the end-pointer: every hop of an utterance is sent.',
    ),
  });

const recogniser = ({ recognisers, transcriptJudges }: VoiceKinds) =>
  z.strictObject({
    models: z
      .array(choiceSchema(z, z.string(), recognisers))
      .default(['commands', 'moonshine'])
      .describe(
        'Asked in this order until one understands, named as tiny is; `moonshine` is in its npm package.',
      ),
    budgetMs: z
      .number()
      .min(50)
      .max(60_000)
      .default(8000)
      .describe('A recogniser that takes longer is given up: give a slow board or a large model more.'),
    minConfidence: confidence.default(0.4).describe('A transcript below this is not settled locally.'),
    judge: transcriptJudgeSchema(z, transcriptJudges),
    remote: remoteSchema,
  });

const policy = z.strictObject({
  escalateOn: z
    .array(reasonSchema)
    .default([
      'uncertain',
      'abstained',
      'no-match',
      'unknown-words',
      'empty-transcript',
      'long-utterance',
      'several-sources',
    ])
    .describe('Reasons that send a verified utterance to the cloud; the others end here.'),
  believeUncertain: z
    .boolean()
    .default(false)
    .describe('A wake the verifier is unsure of is believed, and what is said goes to the cloud.'),
  believeTinyAlone: z
    .boolean()
    .default(true)
    .describe('A wake tiny is sure of stands while the verifier cannot be asked.'),
  longUtteranceMs: z
    .number()
    .min(500)
    .max(30_000)
    .default(6000)
    .describe('A longer utterance is complex (`long-utterance`), whatever was understood.'),
  priority: z.int().min(0).max(9).default(5).describe('Order in the uplink: higher goes first.'),
});

const clip = z.strictObject({
  preRollMs: z.number().min(0).max(5000).default(300).describe('Audio before the wake word.'),
  maxMs: z
    .number()
    .min(500)
    .max(60_000)
    .default(12_000)
    .describe('Longest clip; its oldest part goes first.'),
});

/** A cascade that listens for words, by stages and with actions of the kinds there are. */
export const voiceSchemaOf = <Action extends z.ZodType<ActionConfig>>(
  kinds: VoiceKinds,
  actionSchema: Action,
) =>
  z.strictObject({
    kind: z.literal('voice'),
    ringMs: z
      .number()
      .min(2000)
      .max(120_000)
      .default(16_000)
      .describe('Audio kept, for pre-roll and verification.'),
    preRollMs: z
      .number()
      .min(0)
      .max(5000)
      .default(500)
      .describe('Audio from before the gate opened that tiny is given.'),
    gate: gate(kinds)
      .prefault({})
      .describe('Lets audio to tiny only while it is louder than the background.'),
    tiny: tiny(kinds).prefault({}).describe('The small model that always listens for wake words.'),
    heavy: heavy(kinds).prefault({}).describe('The larger model that verifies; it sleeps until it is asked.'),
    utterance: utterance(kinds).prefault({}).describe('How what is said after a wake word is cut out.'),
    recogniser: recogniser(kinds).prefault({}).describe('What writes down what was said.'),
    wakeActions: z
      .record(z.string(), actionSchema)
      .default({})
      .describe('By wake word: what is done once it is verified, whatever is said after it.'),
    intents: z
      .array(z.string())
      .optional()
      .describe('Names of the intents that are settled after its words; omitted, all of `intents`.'),
    leadsTo: z
      .record(z.string(), z.string())
      .default({})
      .describe(
        'By wake word: the voice cascade whose utterance, recogniser, intents, policy and clip hold for what is said after it.',
      ),
    policy: policy.prefault({}).describe('What is settled here, escalated to the cloud, or dropped.'),
    clip: clip.prefault({}).describe('Audio an escalation carries; the uplink decides whether it may leave.'),
  });

type VoiceSettings = z.infer<ReturnType<typeof voiceSchemaOf>>;

/** What a cascade says of what follows a word. */
export type SequelConfig = Pick<VoiceSettings, 'utterance' | 'recogniser' | 'intents' | 'policy' | 'clip'>;

/** A cascade, and by word what the cascades say that its words lead to. */
export type VoiceConfig = VoiceSettings & { readonly sequels?: Readonly<Record<string, SequelConfig>> };

/** The same cascade with what the cascades say that its words lead to; those there are none of are left out. */
export function withSequels(
  config: VoiceSettings,
  voiceOf: (cascade: string) => VoiceSettings | null,
): VoiceConfig {
  const sequels = Object.entries(config.leadsTo).flatMap(([word, cascade]) => {
    const to = voiceOf(cascade);
    if (to === null) return [];
    const { utterance, recogniser, intents, policy, clip } = to;
    return [[word, { utterance, recogniser, intents, policy, clip }] as const];
  });
  return sequels.length === 0 ? config : { ...config, sequels: Object.fromEntries(sequels) };
}

/** What names the stages of a voice cascade, and where. */
export function voiceChoices(config: VoiceConfig, kinds: VoiceKinds): readonly PlacedChoice[] {
  const { endpointers, recognisers } = kinds;
  return [
    ...(config.gate.speech === null
      ? []
      : [{ path: ['gate', 'speech'], choice: config.gate.speech, table: endpointers }]),
    { path: ['tiny', 'model'], choice: config.tiny.model, table: kindsFor('tiny', kinds) },
    { path: ['heavy', 'model'], choice: config.heavy.model, table: kindsFor('heavy', kinds) },
    ...Object.entries(config.heavy.specialists).map(([word, choice]) => ({
      path: ['heavy', 'specialists', word],
      choice,
      table: kindsFor('heavy', kinds),
    })),
    ...otherOf('heavy', config.heavy.judge, kindsFor('heavy', kinds)),
    { path: ['utterance', 'endpoint'], choice: config.utterance.endpoint, table: endpointers },
    ...config.recogniser.models.map((choice, i) => ({
      path: ['recogniser', 'models', i],
      choice,
      table: recognisers,
    })),
    ...otherOf('recogniser', config.recogniser.judge, recognisers),
  ];
}

/** What else a judge asks. */
function otherOf(part: string, { with: choice }: JudgeSettings, table: Planners): readonly PlacedChoice[] {
  return choice == null ? [] : [{ path: [part, 'judge', 'with'], choice, table }];
}

/** What a cascade says by wake word: where, and whether words of your own may stand there as well. */
const byWordOf = ({ wakeActions, leadsTo, heavy }: VoiceConfig) =>
  [
    [['wakeActions'], wakeActions, true],
    [['leadsTo'], leadsTo, true],
    [['heavy', 'specialists'], heavy.specialists, false],
  ] as const;

/** Takes of the words of a cascade whose files have been found that are not there now. */
export function voiceMissing({ tiny }: VoiceConfig): readonly SettingFault[] {
  return faultsBelow(['tiny', 'words'], missingTakes(tiny.words ?? []));
}

/** What is wrong with the words of a cascade whose files have been found: such as its model cannot hear. */
export function voiceFaults(config: VoiceConfig, kinds: VoiceKinds): readonly SettingFault[] {
  const { tiny, heavy, recogniser } = config;
  const own = [
    ...faultsBelow(['tiny', 'words'], ownWordFaults(tiny.words ?? [])),
    ...faultsBelow(['heavy', 'judge'], judgeFaults(heavy.judge, kinds.judges)),
    ...faultsBelow(['recogniser', 'judge'], judgeFaults(recogniser.judge, kinds.transcriptJudges)),
  ];
  const vocabulary = vocabularyOrNone(kindsFor('tiny', kinds), tiny.model);
  if (vocabulary === null) return own;
  const { model, words: known } = vocabulary;
  const words = (tiny.words ?? []).flatMap((word, i) =>
    typeof word === 'string' ? [[i, word] as const] : [],
  );
  const faults = unknownWords(['tiny', 'words'], words, model, known);
  const heard = heardLabels(tiny.words, known);
  const trained = heardLabels(
    tiny.words?.filter((word) => typeof word === 'string'),
    known,
  );
  return [
    ...own,
    ...faults,
    ...specialistFaults(heavy.specialists, kinds),
    ...byWordOf(config).flatMap(([path, byWord, isOwnToo]) =>
      Object.keys(byWord).flatMap((word) => {
        if (labelOf(word, isOwnToo ? heard : trained) !== null) return [];
        const message = `expected a word that is listened for, found "${word}"`;
        return [
          { path: [...path, word], message, among: { found: word, known: isOwnToo ? heard : trained } },
        ];
      }),
    ),
  ];
}

/** Models that are asked about words they do not know. */
function specialistFaults(
  specialists: VoiceConfig['heavy']['specialists'],
  kinds: VoiceKinds,
): readonly SettingFault[] {
  return Object.entries(specialists).flatMap(([word, choice]) => {
    const vocabulary = vocabularyOrNone(kindsFor('heavy', kinds), choice);
    if (vocabulary === null || labelOf(word, vocabulary.words) !== null) return [];
    const { model, words: known } = vocabulary;
    const message = `expected a model that knows "${word}", found ${model}, which knows ${known.join(', ')}`;
    return [{ path: ['heavy', 'specialists', word], message }];
  });
}

/** Labels that a cascade listens for, of a model that knows some. */
function heardLabels(words: VoiceConfig['tiny']['words'], known: readonly string[]): readonly string[] {
  return (
    words?.map((word) => (typeof word === 'string' ? (labelOf(word, known) ?? word) : nameOfWord(word))) ??
    known
  );
}

/** Null as well for a model that cannot be read, which is told where it is named. */
function vocabularyOrNone(table: Planners, choice: Choice): Vocabulary | null {
  try {
    return vocabularyOf(table, choice);
  } catch {
    return null;
  }
}

/** The same cascade with the manifests and modules that it names found from `folder`, and its actions by label. */
export function voiceFrom(folder: string, config: VoiceConfig, kinds: VoiceKinds): VoiceConfig {
  const from = (model: Choice, table: Planners = kinds.stages) =>
    typeof model === 'string' ? choiceNamed(folder, model, table) : choiceFrom(folder, model, table);
  const { gate, tiny, heavy, utterance, recogniser, wakeActions, leadsTo, sequels = {} } = config;
  const vocabulary = vocabularyOrNone(kindsFor('tiny', kinds), from(tiny.model));
  const heard = vocabulary === null ? [] : heardLabels(tiny.words, vocabulary.words);
  const byLabel = <Value>(byWord: Readonly<Record<string, Value>>) =>
    Object.fromEntries(
      Object.entries(byWord).map(([word, value]) => [labelOf(word, heard) ?? word, value] as const),
    );
  const judgedFrom = (its: JudgeSettings, judges: DeviceJudges, table: Planners) => {
    const judge = judgeFrom((path) => resolve(folder, path), its, judges);
    return judge.with == null ? judge : { ...judge, with: from(judge.with, table) };
  };
  const recogniserFrom = (asked: VoiceConfig['recogniser']) => ({
    ...asked,
    models: asked.models.map((model) => from(model, kinds.recognisers)),
    judge: judgedFrom(asked.judge, kinds.transcriptJudges, kinds.recognisers),
  });
  const led = Object.entries(byLabel(sequels)).map(
    ([word, sequel]) => [word, { ...sequel, recogniser: recogniserFrom(sequel.recogniser) }] as const,
  );
  return {
    ...config,
    wakeActions: byLabel(wakeActions),
    leadsTo: byLabel(leadsTo),
    ...(led.length === 0 ? {} : { sequels: Object.fromEntries(led) }),
    gate: { ...gate, speech: gate.speech === null ? null : from(gate.speech, kinds.endpointers) },
    tiny: {
      ...tiny,
      model: from(tiny.model),
      words: tiny.words?.map((word) => (typeof word === 'string' ? word : ownWordFrom(folder, word))),
    },
    heavy: {
      ...heavy,
      model: from(heavy.model),
      specialists: byLabel(
        Object.fromEntries(Object.entries(heavy.specialists).map(([word, model]) => [word, from(model)])),
      ),
      judge: judgedFrom(heavy.judge, kinds.judges, kinds.stages),
    },
    utterance: { ...utterance, endpoint: from(utterance.endpoint, kinds.endpointers) },
    recogniser: recogniserFrom(recogniser),
  };
}

/**
 * What a name stands for: a shipped model, the file of a manifest, or a model of somebody else's.
 * @throws CatnapError `MODEL_CORRUPT` for a file that says of itself what cannot be.
 */
export function choiceNamed(folder: string, model: string, table: Planners): Choice {
  const isFile = model.includes('/') || /\.(onnx|tflite|json|eim)$/iu.test(model);
  if (!isFile) return model;
  const path = resolve(folder, model);
  const says = fileSettings(path);
  const planner = says !== null && Object.hasOwn(table, says.kind) ? table[says.kind] : undefined;
  if (says === null || planner?.by !== 'settings') return path;
  const settings = planner.schema(z).safeParse(says);
  if (settings.success) return choiceFrom(dirname(path), settings.data, table);
  const why = z.prettifyError(settings.error).replaceAll('\n', ' ');
  throw new CatnapError('MODEL_CORRUPT', `model ${path}: ${why}`);
}

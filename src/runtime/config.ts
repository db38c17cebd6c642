import { isDeepStrictEqual } from 'node:util';
import type { ActionConfig } from '../actions/action-kind.js';
import { actionsSchema } from '../actions/config.js';
import { type SettingFault, wordOrSettings } from '../core/kind.js';
import * as z from '../core/zod.js';
import { dashboardConfigSchema } from '../dashboard/config.js';
import { edgeSchema } from '../edge/config.js';
import { clipsSection } from '../events/clips.js';
import { journalSection } from '../events/journal-kind.js';
import { homeSchema } from '../home/config.js';
import { meterConfigSchema } from '../meter/config.js';
import { faultsOf } from '../models/choose.js';
import type { PlacedChoice } from '../models/kind.js';
import { sensorChoices, sensorFrom, sensorSchemaOf } from '../sensor/config.js';
import { otlpSchema } from '../telemetry/config.js';
import { uplinkSchemaOf } from '../uplink/config.js';
import type { GuardrailConfig } from '../uplink/guardrails/guardrail-kind.js';
import type { JudgeConfig } from '../uplink/judges/judge-kind.js';
import type { ProviderConfig } from '../uplink/providers/settings.js';
import {
  type VoiceConfig,
  voiceChoices,
  voiceFaults,
  voiceFrom,
  voiceMissing,
  voiceSchemaOf,
  withSequels,
} from '../voice/config.js';
import { intentsSchemaOf } from '../voice/intents/config.js';
import { ACTIONS } from './actions.js';
import { GUARDRAILS } from './guardrails.js';
import { JUDGES } from './judges.js';
import { PROVIDERS } from './providers.js';
import { SINKS } from './sinks.js';
import { SOURCES } from './sources.js';
import { SENSOR_KINDS, VOICE_KINDS } from './stages.js';

type ActionSchema = ReturnType<(typeof ACTIONS)[keyof typeof ACTIONS]['schema']>;

/** What is done when an intent matched or an answer asks for it. */
const actionSchema: z.ZodType<ActionConfig, z.input<ActionSchema>> = z.discriminatedUnion(
  'kind',
  Object.values(ACTIONS).map((kind) => kind.schema(z)) as [ActionSchema, ...ActionSchema[]],
);

/** A cascade that listens for words. */
export const voiceSchema = voiceSchemaOf(VOICE_KINDS, actionSchema);

export const intentsSchema = intentsSchemaOf(actionSchema);
export type IntentsInput = z.input<typeof intentsSchema>;

type ProviderSchema = ReturnType<(typeof PROVIDERS)[keyof typeof PROVIDERS]['schema']>;

/** One cloud. */
const providerSchema: z.ZodType<ProviderConfig, z.input<ProviderSchema>> = z.discriminatedUnion(
  'kind',
  Object.values(PROVIDERS).map((kind) => kind.schema(z)) as [ProviderSchema, ...ProviderSchema[]],
);

type GuardrailSchema = ReturnType<(typeof GUARDRAILS)[keyof typeof GUARDRAILS]['schema']>;

/** One check of every answer. */
const guardrailSchema: z.ZodType<GuardrailConfig, z.input<GuardrailSchema>> = z.discriminatedUnion(
  'kind',
  Object.values(GUARDRAILS).map((kind) => kind.schema(z)) as [GuardrailSchema, ...GuardrailSchema[]],
);

/** One look at every answer. */
const judgeSchema = wordOrSettings<JudgeConfig, keyof typeof JUDGES>(z, JUDGES);

export const uplinkSchema = uplinkSchemaOf(providerSchema, guardrailSchema, judgeSchema, actionSchema);

/** A cascade that watches sensors. */
export const sensorSchema = sensorSchemaOf(SENSOR_KINDS, actionSchema);

/** How a signal is judged. */
export const cascadeSchema = z.discriminatedUnion('kind', [voiceSchema, sensorSchema]);

export type CascadeConfig = VoiceConfig | z.infer<typeof sensorSchema>;
/** A cascade as written, before defaults. */
export type CascadeInput = z.input<typeof cascadeSchema>;

/** The same cascades, each with what those say that its words lead to. */
function led(cascades: Readonly<Record<string, CascadeConfig>>): Readonly<Record<string, CascadeConfig>> {
  const voiceOf = (name: string) => {
    const cascade = Object.hasOwn(cascades, name) ? cascades[name] : undefined;
    return cascade?.kind === 'voice' ? cascade : null;
  };
  return Object.fromEntries(
    Object.entries(cascades).map(([name, cascade]) => [
      name,
      cascade.kind === 'voice' ? withSequels(cascade, voiceOf) : cascade,
    ]),
  );
}

/** What is wrong with what a cascade names, on this machine; where, below its settings. */
export function cascadeFaults(folder: string, written: CascadeConfig): readonly SettingFault[] {
  const config = cascadeFrom(folder, written);
  const faults = faultsOf(folder, choicesOf(config));
  return config.kind === 'voice' ? [...faults, ...voiceFaults(config, VOICE_KINDS)] : faults;
}

/** What names the stages of a cascade, and where. */
export function choicesOf(config: CascadeConfig): readonly PlacedChoice[] {
  switch (config.kind) {
    case 'voice':
      return voiceChoices(config, VOICE_KINDS);
    case 'sensor':
      return sensorChoices(config, SENSOR_KINDS);
  }
}

/** What a cascade names that is not there now; where, below its settings. */
export function cascadeMissing(folder: string, written: CascadeConfig): readonly SettingFault[] {
  const config = cascadeFrom(folder, written);
  return config.kind === 'voice' ? voiceMissing(config) : [];
}

/** The same cascade with the files that it names found from `folder`. */
export function cascadeFrom(folder: string, config: CascadeConfig): CascadeConfig {
  switch (config.kind) {
    case 'voice':
      return voiceFrom(folder, config, VOICE_KINDS);
    case 'sensor':
      return sensorFrom(folder, config, SENSOR_KINDS);
  }
}

type SourceSchema = ReturnType<(typeof SOURCES)[keyof typeof SOURCES]['schema']>;

/** One signal to watch. */
const sourceSchema = z.discriminatedUnion(
  'kind',
  Object.values(SOURCES).map((kind) => kind.schema(z)) as [SourceSchema, ...SourceSchema[]],
);

type SinkSchema = ReturnType<(typeof SINKS)[keyof typeof SINKS]['schema']>;

const sinkSchema = z.discriminatedUnion(
  'kind',
  Object.values(SINKS).map((kind) => kind.schema(z)) as [SinkSchema, ...SinkSchema[]],
);

const stateDir = z
  .string()
  .default('./catnap-state')
  .describe('Folder of learnt state, journal and outbox, relative to this file; made for its owner alone.');

/** Of a whole configuration only where its state is. */
export const stateDirSchema = z.looseObject({ stateDir });

const sections = z.strictObject({
  version: z.literal(1).default(1).describe('Version of this format; there is only one so far.'),
  name: z.string().min(1).max(64).default('catnap').describe('Name of this device.'),
  stateDir,
  sources: z
    .array(sourceSchema)
    .default([])
    .describe('Signals to watch; none are needed where `home.wyoming` serves others.'),
  cascades: z
    .record(z.string(), cascadeSchema)
    .default({})
    .transform(
      (named): Readonly<Record<string, CascadeConfig>> =>
        led({
          voice: voiceSchema.parse({ kind: 'voice' }),
          sensor: sensorSchema.parse({ kind: 'sensor' }),
          ...named,
        }),
    )
    .describe('How signals are judged; `voice` and `sensor` exist with defaults.'),
  shadow: z
    .record(z.string(), z.string())
    .default({})
    .describe(
      'By source: another cascade of the same kind, below `cascades`, that is given the same beside its own and does nothing; `catnap shadow` compares them, `catnap promote` exchanges them.',
    ),
  intents: intentsSchema
    .prefault({})
    .describe('What is settled on the device: sentences and what they mean.'),
  actions: actionsSchema.prefault({}).describe('How actions are run, whoever asks for them.'),
  uplink: uplinkSchema.prefault({}).describe('Which clouds are asked, with what, and within which limits.'),
  journal: journalSection(z).prefault({}).describe('Events kept for `catnap events`.'),
  clips: clipsSection(z)
    .prefault({})
    .describe('Audio of events, to be played on the page; off unless it is asked for.'),
  sinks: z.array(sinkSchema).default([]).describe('Files and modules that are told of every event.'),
  dashboard: dashboardConfigSchema.prefault({}).describe('Where the page is served, and who may see it.'),
  otlp: otlpSchema
    .nullable()
    .default(null)
    .describe('Tells an OpenTelemetry collector of each event as a trace, and of metrics; null: none.'),
  home: homeSchema.prefault({}).describe('What the house is told, and what it may ask for.'),
  edge: edgeSchema
    .nullable()
    .default(null)
    .describe('What this device shares with other machines of the house; null: nothing.'),
  meter: meterConfigSchema
    .prefault({})
    .describe('Where figures of energy come from: a power sensor, or a model of the board.'),
});

/** A whole configuration. Every section has defaults: one source is enough. */
export const configSchema = sections.superRefine((config, context) => {
  config.sources.forEach((source, index) => {
    if (!(source.cascade in config.cascades))
      context.addIssue({
        code: 'custom',
        path: ['sources', index, 'cascade'],
        message: `expected one of ${Object.keys(config.cascades).join(', ')}, found "${source.cascade}"`,
      });
  });
  const { providers, guardrails } = config.uplink;
  const faults = [
    ...missingSources(config),
    ...twiceIn(
      ['sources'],
      'id',
      config.sources.map(({ id }) => id),
    ),
    ...twiceIn(
      ['uplink', 'providers'],
      'name',
      providers.map(({ name }) => name),
    ),
    ...twiceIn(
      ['uplink', 'guardrails'],
      'name',
      guardrails.map(({ name }) => name),
    ),
    ...edgeFaults(config),
    ...sequelFaults(config),
    ...shadowFaults(config),
    ...routerFaults(config),
  ];
  for (const { path, message } of faults) context.addIssue({ code: 'custom', path: [...path], message });
});

/** A device that neither listens nor serves has nothing to do. */
function missingSources({ sources, home }: z.infer<typeof sections>): SettingFault[] {
  if (sources.length > 0 || home.wyoming !== null) return [];
  return [{ path: ['sources'], message: 'expected at least 1, or home.wyoming that serves, found none' }];
}

/** Names that stand twice in a list: figures, budgets and audit rows are told apart by them. */
function twiceIn(path: readonly string[], key: string, names: readonly string[]): SettingFault[] {
  return names.flatMap((name, index) => {
    if (names.indexOf(name) === index) return [];
    return [{ path: [...path, index, key], message: `expected a unique ${key}, found "${name}" twice` }];
  });
}

/** Words that lead to what is no voice cascade. */
function sequelFaults({ cascades }: z.infer<typeof sections>): SettingFault[] {
  const voices = Object.keys(cascades).filter((name) => cascades[name]?.kind === 'voice');
  return Object.entries(cascades).flatMap(([name, cascade]) =>
    Object.entries(cascade.kind === 'voice' ? cascade.leadsTo : {}).flatMap(([word, to]) => {
      if (voices.includes(to)) return [];
      const message = `expected a voice cascade among ${voices.join(', ')}, found "${to}"`;
      return [{ path: ['cascades', name, 'leadsTo', word], message }];
    }),
  );
}

/** The cascade that a source has; undefined where there is no such source. */
export function cascadeNameOf(
  sources: readonly { readonly id: string; readonly cascade: string }[],
  source: string,
): string | undefined {
  return sources.find(({ id }) => id === source)?.cascade;
}

/** Candidates that there are none of, or that cannot be compared with what their source goes by. */
function shadowFaults({ shadow, sources, cascades }: z.infer<typeof sections>): SettingFault[] {
  return Object.entries(shadow).flatMap(([id, candidate]) => {
    const name = cascadeNameOf(sources, id) ?? '';
    const path = ['shadow', id];
    const own = cascades[name];
    if (own === undefined) return [{ path, message: `expected the id of a source, found "${id}"` }];
    const others = Object.keys(cascades).filter((each) => each !== name && cascades[each]?.kind === own.kind);
    const its = others.includes(candidate) ? cascades[candidate] : undefined;
    if (its === undefined) {
      const known = others.join(', ') || 'there is none';
      return [{ path, message: `expected another ${own.kind} cascade (${known}), found "${candidate}"` }];
    }
    const message = uncomparable(own, its);
    return message === null ? [] : [{ path, message: `${message}, found "${candidate}"` }];
  });
}

/** A router that has, or would have, no say. */
function routerFaults({ uplink }: z.infer<typeof sections>): SettingFault[] {
  const { routing, judges, providers } = uplink;
  if (routing.beside === null || (judges.length > 0 && providers.length > 1)) return [];
  const found = `${judges.length} and ${providers.length}`;
  const message = `expected judges and several providers, of which it says where to begin, found ${found}`;
  return [{ path: ['uplink', 'routing', 'beside'], message }];
}

/** Why the one cannot be judged beside the other, as what was expected; null where it can. */
function uncomparable(own: CascadeConfig, its: CascadeConfig): string | null {
  if (own.kind === 'sensor' && its.kind === 'sensor') {
    const rowsOf = ({ features, rowSeconds }: typeof own) => ({ features, rowSeconds });
    if (!isDeepStrictEqual(rowsOf(own), rowsOf(its)))
      return 'expected the same features and rowSeconds, for what was learnt is of those';
  }
  return isDeepStrictEqual(decidingOf(own), decidingOf(its))
    ? 'expected a cascade that differs in what it believes: what recognises orders, actions and the cloud have no part in a candidate'
    : null;
}

/** What of a cascade has a say in what is believed. */
function decidingOf(cascade: CascadeConfig): unknown {
  if (cascade.kind === 'voice') {
    const { gate, tiny, heavy, utterance, preRollMs, ringMs, policy } = cascade;
    const { believeUncertain, believeTinyAlone } = policy;
    return { gate, tiny, heavy, utterance, preRollMs, ringMs, believeUncertain, believeTinyAlone };
  }
  const { faults: _, allClear: __, summary: ___, policy, ...watching } = cascade;
  return { ...watching, believeTinyAlone: policy.believeTinyAlone };
}

/** Where it says to ask workers and not which. */
function edgeFaults({ cascades, edge, home }: z.infer<typeof sections>): SettingFault[] {
  const broker = edge?.broker ?? home.mqtt;
  if (edge !== null && broker !== null) return [];
  const path = edge === null ? 'edge' : 'edge.broker';
  const message = `expected ${path} to say at which broker workers are asked, found none`;
  const faults = Object.entries(cascades).flatMap(([name, cascade]) =>
    remotePathsOf(cascade).map((part) => ({ path: ['cascades', name, part, 'remote'], message })),
  );
  if (edge === null || faults.length > 0) return faults;
  return [{ path: ['edge', 'broker'], message: 'expected a broker here or in home.mqtt, found none' }];
}

/** The parts of a cascade that may be asked elsewhere, and are. */
export function remotePathsOf(cascade: CascadeConfig): readonly string[] {
  const parts =
    cascade.kind === 'voice'
      ? { heavy: cascade.heavy, utterance: cascade.utterance, recogniser: cascade.recogniser }
      : { heavy: cascade.heavy };
  return Object.entries(parts).flatMap(([part, { remote }]) => (remote === null ? [] : [part]));
}

export type Config = z.infer<typeof configSchema>;
/** A configuration as written, before defaults. */
export type ConfigInput = z.input<typeof configSchema>;

/** A configuration of defaults alone, for recordings that are named elsewhere. */
export function standardConfig(): Config {
  return sections.parse({});
}

import { resolve } from 'node:path';
import type { ActionConfig } from '../actions/action-kind.js';
import { remoteSchema } from '../core/cascade/remote-schema.js';
import { reasonSchema } from '../core/events/trail-schema.js';
import { thresholdsSchema } from '../core/thresholds-schema.js';
import { isTimeZone } from '../core/time-zone.js';
import * as z from '../core/zod.js';
import type { DeviceJudges } from '../learning/judges/device-judge.js';
import { stageJudgeSchema } from '../learning/judges/plan-judge.js';
import { choiceFrom, choiceSchema, namedKinds, type PlacedChoice, type Planners } from '../models/kind.js';
import { tableSettings } from '../sources/table/settings.js';

/** The kinds of stages there are. */
interface SensorTables {
  readonly tinies: Planners;
  readonly heavies: Planners;
  readonly judges: DeviceJudges;
}

const tiny = ({ tinies }: SensorTables) =>
  z.strictObject({
    model: choiceSchema(z, z.enum(namedKinds(tinies)), tinies)
      .default('anomaly-tiny')
      .describe('What watches the signal: `anomaly-tiny`, or a module of your own.'),
  });

/** What judges by what was learnt on this device cannot be asked elsewhere. */
const AT_HOME =
  'expected a module of your own to be asked elsewhere, found anomaly-heavy: it judges by what is learnt here';

const heavy = ({ heavies, judges }: SensorTables) =>
  z
    .strictObject({
      enabled: z.boolean().default(true).describe('Off: what tiny is sure of is believed.'),
      model: choiceSchema(z, z.enum(namedKinds(heavies)), heavies)
        .default('anomaly-heavy')
        .describe('What looks again at what tiny noticed: `anomaly-heavy`, or a module of your own.'),
      thresholds: thresholdsSchema
        .prefault({ accept: 0.5, reject: 0.5 })
        .describe('When a fault that heavy looked at is believed.'),
      judge: stageJudgeSchema(z, judges),
      tailRows: z
        .int()
        .min(1)
        .max(600)
        .default(10)
        .describe('Rows after the first notice that are waited for.'),
      budgetMs: z
        .number()
        .min(10)
        .max(60_000)
        .default(5000)
        .describe('An answer of heavy that takes longer is given up; policy decides without it.'),
      warmMs: z
        .number()
        .min(0)
        .max(3_600_000)
        .default(60_000)
        .describe('Its process sleeps after this long without work.'),
      remote: remoteSchema,
    })
    .superRefine(({ model, remote }, context) => {
      if (remote !== null && model === 'anomaly-heavy')
        context.addIssue({ code: 'custom', path: ['remote'], message: AT_HOME });
    });

const track = z.strictObject({
  updateSeconds: z
    .number()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'An `updated` event this often while it lasts, with a row at most; null: a minute, or ten rows if longer.',
    ),
  maxSeconds: z
    .number()
    .positive()
    .default(86_400)
    .describe('What lasts longer, and 288 rows, is taken for how the plant now runs.'),
});

const policy = z.strictObject({
  escalateOn: z
    .array(reasonSchema)
    .default(['uncertain', 'unknown-fault', 'several-sources'])
    .describe('Reasons that send a confirmed fault to the cloud; the others end here.'),
  believeTinyAlone: z
    .boolean()
    .default(true)
    .describe('A fault tiny is sure of stands while the verifier cannot be asked.'),
  togetherSeconds: z
    .number()
    .min(0)
    .max(3600)
    .default(2)
    .describe(
      'What another source verified within this long before it makes a fault a matter of several sources.',
    ),
  priority: z.int().min(0).max(9).default(5).describe('Order in the uplink: higher goes first.'),
});

const normal = z.strictObject({
  from: z
    .string()
    .min(1)
    .describe('Recording of normal running, of any kind that `catnap replay` takes, relative to this file.'),
  ...tableSettings(z),
});

const learnSeconds = () =>
  z
    .number()
    .min(1)
    .nullable()
    .default(null)
    .describe('Normal running to learn from at the start, at least 60 rows; null: 600 s, at least 200 rows.');

const limits = z
  .record(
    z.string(),
    z
      .tuple([z.number(), z.number()])
      .readonly()
      .refine(([low, high]) => low < high, {
        error: 'expected the lowest value that may be, then the highest',
      }),
  )
  .describe('Lowest and highest value that a channel may have, by its name: `{ temp: [2, 8] }`.');

const summary = z.strictObject({
  plotWidth: z.int().min(0).max(120).default(0).describe('Characters of a small plot a channel; 0: none.'),
  samples: z
    .int()
    .min(0)
    .max(2000)
    .default(0)
    .describe('Newest samples of each channel that go with it; 0: none, raw data stays here.'),
});

export type NormalConfig = z.infer<typeof normal>;

/** A cascade that watches sensors, by stages and with actions of the kinds there are. */
export const sensorSchemaOf = <Action extends z.ZodType<ActionConfig>>(
  kinds: SensorTables,
  actionSchema: Action,
) =>
  z.strictObject({
    kind: z.literal('sensor'),
    features: z
      .enum(['auto', 'level', 'vibration'])
      .default('auto')
      .describe(
        'What is watched: means of slow signals, spectra and shape of fast ones; by rate when `auto`.',
      ),
    rowSeconds: z.number().positive().default(1).describe('Signal that one row of features describes.'),
    learnSeconds: learnSeconds(),
    normal: normal
      .nullable()
      .default(null)
      .describe('A recording to learn from instead, with the channels and the rate of the source.'),
    timeZone: z
      .string()
      .refine(isTimeZone, { error: 'expected the name of a time zone, such as Europe/Berlin' })
      .nullable()
      .default(null)
      .describe(
        'Zone whose clocks the courses of day and week keep, as Europe/Berlin; null: clocks never change.',
      ),
    limits: limits.default({}),
    falseAlarmsPerDay: z
      .number()
      .positive()
      .nullable()
      .default(null)
      .describe(
        'False alarms a day at which confidence is one half; null: 20, or one in 1,250 rows where that is fewer.',
      ),
    thresholds: thresholdsSchema
      .prefault({ accept: 0.5, reject: 0.5 })
      .describe('When what tiny noticed is believed; between the two heavy is asked.'),
    tiny: tiny(kinds).prefault({}).describe('What always watches the signal for what is not normal.'),
    heavy: heavy(kinds).prefault({}).describe('What looks again at what tiny noticed, and names the fault.'),
    track: track.prefault({}).describe('How a fault is followed from its begin to its end.'),
    faults: z
      .record(z.string(), z.union([z.string(), actionSchema]))
      .default({})
      .describe(
        'Faults that are settled here, by name, `anomaly` for one without: the action of each, or an intent that has one.',
      ),
    allClear: actionSchema
      .nullable()
      .default(null)
      .describe('Done when a confirmed fault is seen to end, whether or not it had an action.'),
    summary: summary
      .prefault({})
      .describe('What an escalation says of the signal: figures, and its samples only if asked for.'),
    policy: policy.prefault({}).describe('What is settled here, escalated to the cloud, or dropped.'),
  });

export type SensorConfig = z.infer<ReturnType<typeof sensorSchemaOf>>;

/** What names the stages of a sensor cascade, and where. */
export function sensorChoices(config: SensorConfig, tables: SensorTables): readonly PlacedChoice[] {
  return [
    { path: ['tiny', 'model'], choice: config.tiny.model, table: tables.tinies },
    { path: ['heavy', 'model'], choice: config.heavy.model, table: tables.heavies },
  ];
}

/** The same cascade with the recording and the modules that it names found from `folder`. */
export function sensorFrom(
  folder: string,
  config: SensorConfig,
  { tinies, heavies }: SensorTables,
): SensorConfig {
  const { tiny, heavy, normal } = config;
  return {
    ...config,
    normal: normal && { ...normal, from: resolve(folder, normal.from) },
    tiny: { ...tiny, model: choiceFrom(folder, tiny.model, tinies) },
    heavy: { ...heavy, model: choiceFrom(folder, heavy.model, heavies) },
  };
}

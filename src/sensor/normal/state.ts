import { CatnapError } from '../../core/errors.js';
import type { ChannelFormat } from '../../core/signal/frame.js';
import * as z from '../../core/zod.js';
import { NO_REGIMES } from './regimes.js';

/** Version of the saved state; another one is refused. */
export const STATE_VERSION = 5;

const channelModelSchema = z.strictObject({
  kind: z.enum(['measure', 'counter', 'category']),
  centre: z.number(),
  noiseVariance: z.number().positive(),
  driftVariance: z.number().nonnegative(),
  dof: z.number().positive(),
  stuckRows: z.number().positive(),
  missingRows: z.number().positive(),
  repeatChanges: z.number().positive(),
  roughness: z.tuple([z.number(), z.number()]).readonly(),
  states: z.array(z.number()).readonly(),
  regimes: z
    .object({
      span: z.tuple([z.number(), z.number()]).readonly().nullable(),
      gaps: z.array(z.object({ low: z.number(), high: z.number(), rows: z.number() })).readonly(),
    })
    .default(NO_REGIMES),
});

const normalSchema = z.strictObject({
  learntRows: z.int().positive(),
  channels: z.array(channelModelSchema).min(1).readonly(),
  smoothed: z.array(z.number()).readonly(),
  baseline: z.array(z.number()).readonly(),
});

const featureSpecSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('level'), rowSamples: z.int().min(1) }),
  z.strictObject({ kind: z.literal('vibration'), rowSamples: z.int().min(64) }),
]);

const signalShapeSchema = z.strictObject({
  rateHz: z.number().positive(),
  channels: z.array(z.strictObject({ name: z.string(), unit: z.string() })).min(1),
  features: featureSpecSchema,
});

const values = z.array(z.number()).readonly();

const tailsSchema = z.strictObject({
  rows: z.number(),
  threshold: values,
  excesses: values,
  squares: values,
  count: values,
  clusters: values,
  floor: values,
});

const surpriseSchema = z.strictObject({ rows: z.number(), fast: values, slow: values, tails: tailsSchema });

const courseSchema = z.strictObject({
  error: z.number(),
  judged: z.number(),
  level: values,
  deviation: values,
  seen: values,
});

/** Of each channel, of each length of blocks. */
const driftsSchema = z
  .array(
    z
      .array(
        z.strictObject({
          sum: z.number(),
          count: z.number(),
          places: z.number(),
          means: values,
          /** Null while nothing left the blocks. */
          range: z.tuple([z.number(), z.number()]).readonly().nullable(),
          told: z.number(),
        }),
      )
      .readonly(),
  )
  .readonly();

const seasonsSchema = z.strictObject({
  course: z.enum(['day', 'week']).nullable(),
  rows: z.number(),
  level: z.number(),
  levelError: z.number(),
  plain: surpriseSchema.nullable(),
  rest: surpriseSchema.nullable(),
  day: courseSchema.nullable(),
  week: courseSchema.nullable(),
  noise: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]).readonly(),
});

/** What a signal looks like; learnt state holds for this shape only. */
export type SignalShape = z.infer<typeof signalShapeSchema>;

/** The channels whose own values are watched: all of a slow signal, of which rows are means; none of a fast one. */
export function levelsOf({ features, channels }: SignalShape): SignalShape['channels'] {
  return features.kind === 'level' ? channels : [];
}

/** What a device learnt about one signal. */
export const anomalyStateSchema = z.strictObject({
  version: z.literal(STATE_VERSION),
  shape: signalShapeSchema,
  normal: normalSchema,
  /** Of each channel its tails and courses; null of one that never spoke, empty where none is watched so. */
  seasons: z.array(seasonsSchema.nullable()).readonly(),
  /** Time zone by which the phases of the courses are counted; null: nobody knew the time. */
  phases: z.string().nullable(),
  /** The tail of the deviations; null: as learnt at the start. */
  deviations: tailsSchema.nullable(),
  /** How the levels drifted; empty where that is not known. */
  drifts: driftsSchema,
  /** SHA-256 of the recording that was learnt from, in hexadecimal; null where the signal itself was. */
  recording: z.string().nullable(),
  /** A confirmed fault whose end was not seen, by how far it had shifted each feature in its own unit. */
  fault: z.strictObject({ label: z.string(), shifts: z.array(z.number()).readonly() }).nullable(),
});

export type AnomalyState = z.infer<typeof anomalyStateSchema>;
export type OpenFault = NonNullable<AnomalyState['fault']>;

/** What somebody asked of whoever watches a signal. */
export const wishSchema = z.strictObject({
  by: z.string(),
  /** Normal is what comes from this time on, in milliseconds since the epoch; null: from when it is heeded. */
  fromMs: z.number().nullable(),
  /** To be taken over, of a signal of the same shape; null: all is learnt again. */
  state: anomalyStateSchema.nullable(),
});

export type Wish = z.infer<typeof wishSchema>;

/** Where learnt state is kept. */
export interface AnomalyStore {
  /**
   * The saved state, null when there is none.
   * @throws CatnapError `STATE_INVALID` when there is one that cannot be used.
   */
  load(): AnomalyState | null;
  save(state: AnomalyState): void;
  /** Forgets what was saved. */
  forget(): void;
  /** What somebody asked for, until it is settled; null: nothing. */
  wished(): Wish | null;
  settleWish(): void;
}

/** Keeps state in memory: for benchmarks, and for devices that learn anew at each start. */
export class MemoryAnomalyStore implements AnomalyStore {
  #state: AnomalyState | null = null;

  load(): AnomalyState | null {
    return this.#state;
  }

  save(state: AnomalyState): void {
    this.#state = state;
  }

  forget(): void {
    this.#state = null;
  }

  wished(): null {
    return null;
  }

  settleWish(): void {}
}

/**
 * Refuses state that was learnt from another signal.
 * @param where The file it was learnt from or is kept in.
 * @param remedy What a person can do about it.
 * @throws CatnapError `STATE_INVALID` naming what differs.
 */
export function checkShape(
  state: Pick<AnomalyState, 'shape'>,
  shape: SignalShape,
  where: string,
  remedy = 'delete the file to learn anew',
): void {
  const difference = differenceOf(state, shape);
  if (difference !== null) throw new CatnapError('STATE_INVALID', `${where}: ${difference}; ${remedy}`);
}

/** In what the signal that was learnt from differs from another, in words; null: in nothing. */
export function differenceOf(state: Pick<AnomalyState, 'shape'>, shape: SignalShape): string | null {
  const words = (what: string, expected: string, found: string) =>
    `what is normal was learnt from ${what} ${expected}, the signal now has ${found}`;
  const learnt = describe(state.shape.channels);
  const now = describe(shape.channels);
  if (learnt !== now) return words('channels', learnt, now);
  if (state.shape.rateHz !== shape.rateHz)
    return words('rate', `${state.shape.rateHz} Hz`, `${shape.rateHz} Hz`);
  const before = JSON.stringify(state.shape.features);
  const after = JSON.stringify(shape.features);
  return before === after ? null : words('features', before, after);
}

function describe(channels: readonly ChannelFormat[]): string {
  return channels.map(({ name, unit }) => (unit === '' ? name : `${name} (${unit})`)).join(', ');
}

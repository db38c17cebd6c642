import { sigmoid } from '../../core/cascade/calibration.js';
import { CatnapError } from '../../core/errors.js';
import { parseJson } from '../../core/json.js';
import type { SettingFault, Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import { LOOK_NAMES, lookFeatures } from './look-features.js';
import type { Opinion } from './opinion.js';
import type { StageJudgeKind, StageJudgePlace } from './stage-judge.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('learnt'),
      path: z
        .string()
        .nullable()
        .default(null)
        .describe('What `catnap bench judges --write` learnt; null: what ships, learnt for `wake-heavy`.'),
    })
    .describe('What was learnt from looks at recordings: of their scores, margin, entropy and loudness.');

type Config = z.infer<ReturnType<typeof schema>>;

/** A judge that was learnt: how much each figure of {@link LOOK_NAMES} speaks for the label. */
export interface LearntJudge {
  readonly version: 1;
  readonly names: readonly string[];
  /** Of each figure its mean and spread where it was learnt, and its weight a spread. */
  readonly figures: readonly (readonly [mean: number, spread: number, weight: number])[];
  readonly intercept: number;
}

/** Judges by a logistic regression over what is known of the look. Some hundred bytes, microseconds a look. */
export const learnt = {
  kind: 'learnt',
  signals: ['voice'],
  schema,
  from: (resolve, config) => (config.path === null ? config : { ...config, path: resolve(config.path) }),
  faults: (config, place) => faultsOf(config, place),
  plan: (config, place) => ({ ...config, learnt: readLearnt(config, place) }),
  create: ({ learnt: judge }) => ({
    judge: (decision, window) => opinionOf(judge, lookFeatures(decision, window)),
  }),
} as const satisfies StageJudgeKind<Config, Config & { readonly learnt: LearntJudge }>;

/** What a learnt judge makes of the figures of a look. */
export function opinionOf({ figures, intercept }: LearntJudge, features: Float64Array): Opinion {
  const parts = Array.from(features, (value, at) => {
    const [mean, spread, weight] = figures[at] ?? [0, 1, 0];
    return { what: LOOK_NAMES[at] ?? '', by: (weight * (value - mean)) / spread };
  });
  const [most] = [...parts].sort((a, b) => Math.abs(b.by) - Math.abs(a.by));
  const confidence = sigmoid(parts.reduce((sum, { by }) => sum + by, intercept));
  return { confidence, because: most === undefined ? '' : `${most.what} ${signed(most.by)}` };
}

function signed(by: number): string {
  return `${by < 0 ? '' : '+'}${by.toFixed(2)}`;
}

function faultsOf(config: Config, place: StageJudgePlace): readonly SettingFault[] {
  try {
    readLearnt(config, place);
    return [];
  } catch (error) {
    return [{ path: ['path'], message: error instanceof Error ? error.message : String(error) }];
  }
}

function readLearnt({ path }: Config, { read, shipped }: StageJudgePlace): LearntJudge {
  const file = path ?? shipped;
  let text: string;
  try {
    text = read(file);
  } catch (cause) {
    throw new CatnapError('CONFIG_INVALID', `expected a readable file, found none at ${file}`, { cause });
  }
  const found = parseJson(text);
  if (isLearnt(found)) return found;
  throw new CatnapError(
    'CONFIG_INVALID',
    `${file}: expected what this version of catnap bench judges --write learnt, found another file`,
  );
}

function isLearnt(found: unknown): found is LearntJudge {
  if (typeof found !== 'object' || found === null) return false;
  const { version, names, figures, intercept } = found as Partial<Record<keyof LearntJudge, unknown>>;
  const isFigure = (figure: unknown) =>
    Array.isArray(figure) && figure.length === 3 && figure.every(Number.isFinite) && figure[1] > 0;
  return (
    version === 1 &&
    Array.isArray(names) &&
    names.join() === LOOK_NAMES.join() &&
    Array.isArray(figures) &&
    figures.length === LOOK_NAMES.length &&
    figures.every(isFigure) &&
    Number.isFinite(intercept)
  );
}

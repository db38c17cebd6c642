import { sigmoid } from '../../core/cascade/calibration.js';
import { CatnapError } from '../../core/errors.js';
import { parseJson } from '../../core/json.js';
import type { Zod } from '../../core/kind.js';
import type * as z from '../../core/zod.js';
import type { DeviceJudgeKind, JudgePlace } from './device-judge.js';
import type { Opinion } from './opinion.js';

const schema = (z: Zod) =>
  z
    .strictObject({
      kind: z.literal('learnt'),
      path: z
        .string()
        .nullable()
        .default(null)
        .describe(
          'What `catnap bench judges --write` learnt; null: what ships, learnt for the shipped models.',
        ),
    })
    .describe('What was learnt from looks at recordings: of what is known of each, and how it sounds.');

/** Settings of a judge that was learnt. */
export type LearntConfig = z.infer<ReturnType<typeof schema>>;

/** As data, for a thread that reads no files. */
export type LearntSpec = LearntConfig & { readonly learnt: LearntJudge };

/** A judge that was learnt: how much each figure of a look speaks for what was decided. */
export interface LearntJudge {
  readonly version: 1;
  readonly names: readonly string[];
  /** Of each figure its mean and spread where it was learnt, and its weight a spread. */
  readonly figures: readonly (readonly [mean: number, spread: number, weight: number])[];
  readonly intercept: number;
}

/** What judges that are learnt of figures of such names say of their settings. */
export function learntOf(
  names: readonly string[],
): Required<DeviceJudgeKind<LearntConfig, LearntSpec>> & { readonly kind: 'learnt' } {
  return {
    kind: 'learnt',
    schema,
    from: (resolve, config) => (config.path === null ? config : { ...config, path: resolve(config.path) }),
    faults(config, place) {
      try {
        readLearnt(names, config, place);
        return [];
      } catch (error) {
        return [{ path: ['path'], message: error instanceof Error ? error.message : String(error) }];
      }
    },
    plan: (config, place) => ({ ...config, learnt: readLearnt(names, config, place) }),
  };
}

/** What a learnt judge makes of the figures of a look. Some hundred bytes, microseconds a look. */
export function opinionOf({ names, figures, intercept }: LearntJudge, features: Float64Array): Opinion {
  const parts = Array.from(features, (value, at) => {
    const [mean, spread, weight] = figures[at] ?? [0, 1, 0];
    return { what: names[at] ?? '', by: (weight * (value - mean)) / spread };
  });
  const [most] = [...parts].sort((a, b) => Math.abs(b.by) - Math.abs(a.by));
  const confidence = sigmoid(parts.reduce((sum, { by }) => sum + by, intercept));
  return { confidence, because: most === undefined ? '' : `${most.what} ${signed(most.by)}` };
}

function signed(by: number): string {
  return `${by < 0 ? '' : '+'}${by.toFixed(2)}`;
}

function readLearnt(
  names: readonly string[],
  { path }: LearntConfig,
  { read, shipped }: JudgePlace,
): LearntJudge {
  const file = path ?? shipped;
  let text: string;
  try {
    text = read(file);
  } catch (cause) {
    throw new CatnapError('CONFIG_INVALID', `expected a readable file, found none at ${file}`, { cause });
  }
  const found = parseJson(text);
  if (isLearnt(found, names)) return found;
  throw new CatnapError(
    'CONFIG_INVALID',
    `${file}: expected what this version of catnap bench judges --write learnt, found another file`,
  );
}

function isLearnt(found: unknown, expected: readonly string[]): found is LearntJudge {
  if (typeof found !== 'object' || found === null) return false;
  const { version, names, figures, intercept } = found as Partial<Record<keyof LearntJudge, unknown>>;
  const isFigure = (figure: unknown) =>
    Array.isArray(figure) && figure.length === 3 && figure.every(Number.isFinite) && figure[1] > 0;
  return (
    version === 1 &&
    Array.isArray(names) &&
    names.join() === expected.join() &&
    Array.isArray(figures) &&
    figures.length === expected.length &&
    figures.every(isFigure) &&
    Number.isFinite(intercept)
  );
}

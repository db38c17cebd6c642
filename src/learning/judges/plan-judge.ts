import type { StageSpec } from '../../core/cascade/assembly.js';
import { type SettingFault, wordOrSettings, type Zod } from '../../core/kind.js';
import type { JudgedSpec } from './judged-stage.js';
import type { StageJudgeConfig, StageJudgeKinds, StageJudgePlace } from './stage-judge.js';

/** The judges that a cascade may name, as whoever plans is handed them. */
export interface StageJudges {
  readonly kinds: StageJudgeKinds;
  readonly place: StageJudgePlace;
}

/** Schema of what names a judge: its word, or its settings. */
export function stageJudgeSchema(z: Zod, { kinds }: StageJudges) {
  return wordOrSettings<StageJudgeConfig, string>(z, kinds)
    .prefault('confidence')
    .describe(
      'What has to be sure of a decision of heavy: `confidence`, heavy itself, or who looks at it; the thresholds are held to that.',
    );
}

/** The same settings with relative paths found by `resolve`. */
export function stageJudgeFrom(
  resolve: (path: string) => string,
  config: StageJudgeConfig,
  { kinds }: StageJudges,
): StageJudgeConfig {
  return kinds[config.kind]?.from?.(resolve, config) ?? config;
}

/** What is wrong with the settings on this machine, by where it stands below them. */
export function stageJudgeFaults(
  config: StageJudgeConfig,
  { kinds, place }: StageJudges,
): readonly SettingFault[] {
  return kinds[config.kind]?.faults?.(config, place) ?? [];
}

/**
 * The stage with the judge that looks at its decisions; the same where that is left to itself.
 * @throws CatnapError `CONFIG_INVALID` for what the judge needs and cannot be read.
 */
export function judgedBy(
  stage: StageSpec,
  config: StageJudgeConfig,
  seat: Pick<JudgedSpec, 'other' | 'thresholds'>,
  { kinds, place }: StageJudges,
): StageSpec {
  const kind = kinds[config.kind];
  if (kind === undefined || isItself(config)) return stage;
  const { name, budgetMs } = stage;
  const spec: JudgedSpec = {
    kind: 'judged',
    name,
    budgetMs,
    stage,
    judge: kind.plan?.(config, place) ?? config,
    ...seat,
  };
  return spec;
}

/** Whether a stage's own confidence counts. */
export function isItself({ kind }: StageJudgeConfig): boolean {
  return kind === 'confidence';
}

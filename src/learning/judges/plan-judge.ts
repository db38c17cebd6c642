import type { StageSpec } from '../../core/cascade/assembly.js';
import { type SettingFault, wordOrSettings, type Zod } from '../../core/kind.js';
import type { DeviceJudges, JudgeSettings } from './device-judge.js';
import type { JudgedSpec } from './judged-stage.js';

/** Schema of what names a judge of heavy: its word, or its settings. */
export function stageJudgeSchema(z: Zod, judges: DeviceJudges) {
  return judgeSchema(z, judges).describe(
    'What has to be sure of a decision of heavy: `confidence`, heavy itself, or who looks at it; the thresholds are held to that.',
  );
}

/** The same of a judge of transcripts. */
export function transcriptJudgeSchema(z: Zod, judges: DeviceJudges) {
  return judgeSchema(z, judges).describe(
    'What has to be sure of a transcript: `confidence`, the recogniser itself, or who looks at it; `minConfidence` is held to that.',
  );
}

function judgeSchema(z: Zod, { kinds }: DeviceJudges) {
  return wordOrSettings<JudgeSettings, string>(z, kinds).prefault('confidence');
}

/** The same settings with relative paths found by `resolve`. */
export function judgeFrom(
  resolve: (path: string) => string,
  config: JudgeSettings,
  { kinds }: DeviceJudges,
): JudgeSettings {
  return kinds[config.kind]?.from?.(resolve, config) ?? config;
}

/** What is wrong with the settings on this machine, by where it stands below them. */
export function judgeFaults(config: JudgeSettings, { kinds, place }: DeviceJudges): readonly SettingFault[] {
  return kinds[config.kind]?.faults?.(config, place) ?? [];
}

/**
 * The judge as plain data; null where what is judged is left to itself.
 * @throws CatnapError `CONFIG_INVALID` for what the judge needs and cannot be read.
 */
export function plannedJudge(config: JudgeSettings, { kinds, place }: DeviceJudges): JudgeSettings | null {
  const kind = kinds[config.kind];
  if (kind === undefined || isItself(config)) return null;
  return kind.plan?.(config, place) ?? config;
}

/**
 * The stage with the judge that looks at its decisions; the same where that is left to itself.
 * @throws CatnapError as {@link plannedJudge}.
 */
export function judgedBy(
  stage: StageSpec,
  config: JudgeSettings,
  seat: Pick<JudgedSpec, 'other' | 'thresholds'>,
  judges: DeviceJudges,
): StageSpec {
  const judge = plannedJudge(config, judges);
  if (judge === null) return stage;
  const { name, budgetMs } = stage;
  const spec: JudgedSpec = { kind: 'judged', name, budgetMs, stage, judge, ...seat };
  return spec;
}

/** Whether the own confidence of what is judged counts. */
export function isItself({ kind }: JudgeSettings): boolean {
  return kind === 'confidence';
}

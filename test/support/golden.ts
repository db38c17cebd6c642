import { existsSync, readFileSync } from 'node:fs';

/** Another processor's last bits may show in scores by this much, never in what happens. */
const SCORE_TOLERANCE = 0.02;
/** The same of stages that ask an encoder which quantises as it goes, by their names. */
const TOLERANCES: Readonly<Record<string, number>> = { 'wake-heavy': 0.05 };
/** Keys whose values are models' outputs. */
const SCORES = new Set(['score', 'confidence', 'least', 'most', 'tiny', 'heavy', 'recognition']);
/**
 * Stages that ask a network which quantises what flows between its layers by its range as it goes: a last bit may turn
 * a step over, so that processors with other vector units agree in every word and not in the third decimal.
 */
const QUANTISING = new Set(['moonshine', 'wake-heavy']);
/** What the features of an escalation say of those stages. */
const FEATURES_OF_QUANTISING = new Set(['recognition', 'heavy']);

interface Partition {
  readonly events: readonly unknown[];
  readonly scores: readonly { readonly value: number; readonly tolerance: number }[];
}

/** Splits a log into what must be the same and the scores, which may differ a little from processor to processor. */
function partition(
  log: string,
  isScore: (key: string, holder: Readonly<Record<string, unknown>>) => boolean,
) {
  const scores: Partition['scores'][number][] = [];
  function take(this: Record<string, unknown>, key: string, value: unknown): unknown {
    if (typeof value !== 'number' || !isScore(key, this)) return value;
    scores.push({ value, tolerance: TOLERANCES[String(this.stage)] ?? SCORE_TOLERANCE });
    return 'score';
  }
  const events = log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line, take) as unknown);
  return { events, scores } satisfies Partition;
}

function isNear(log: Partition, golden: Partition): boolean {
  return (
    JSON.stringify(log.events) === JSON.stringify(golden.events) &&
    log.scores.every(
      ({ value, tolerance }, index) => Math.abs(value - (golden.scores[index]?.value ?? NaN)) <= tolerance,
    )
  );
}

/** Whether a log made by another kind of processor says what the golden one says. */
export function agrees(log: string, golden: string): boolean {
  const isScore = (key: string) => SCORES.has(key);
  return isNear(partition(log, isScore), partition(golden, isScore));
}

/**
 * The log as it is held against the golden file: the golden bytes where nothing but the scores of a quantising
 * stage differ, and those a little; else the log itself, byte for byte.
 */
export function settledByGolden(log: string, goldenPath: string): string {
  if (!existsSync(goldenPath)) return log;
  const golden = readFileSync(goldenPath, 'utf8');
  const isScore = (key: string, holder: Readonly<Record<string, unknown>>) =>
    FEATURES_OF_QUANTISING.has(key) || (SCORES.has(key) && QUANTISING.has(String(holder.stage)));
  return isNear(partition(log, isScore), partition(golden, isScore)) ? golden : log;
}

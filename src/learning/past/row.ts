import { wasOf } from './evidence.js';
import { type Judged, judgementsOf, type PastDetection, recognitionOf } from './past-detection.js';

/** A detection of the past as a row of plain values: what a person filters by and a table shows. */
export type PastRow = Readonly<Record<string, string | number>>;

/** All of a detection that can be filtered by. What there is none of is ''. */
export function rowOf(past: PastDetection): PastRow {
  const { tiny, heavy } = judgementsOf(past);
  return {
    wallTime: past.at,
    source: past.source,
    detection: past.detection,
    label: past.label,
    outcome: past.outcome,
    reasons: past.reasons.join(' '),
    ...stageRow('tiny', tiny),
    ...stageRow('heavy', heavy),
    'recogniser.confidence': recognitionOf(past)?.confidence ?? '',
    stages: past.trail.map((entry) => `${entry.stage}:${entry.kind}`).join(' '),
    levelDb: past.sound?.levelDb ?? '',
    floorDb: past.sound?.floorDb ?? '',
    pitchHz: past.sound?.pitchHz ?? '',
    transcript: past.transcript ?? '',
    intent: past.intent ?? '',
    provider: past.verdict?.provider ?? '',
    verdict: past.verdict?.label ?? '',
    done: past.actions.map(({ action, outcome }) => `${action}:${outcome}`).join(' '),
    latencyMs: past.latencyMs === null ? '' : Math.round(past.latencyMs * 10) / 10,
    cloudMs: past.verdict === null ? '' : Math.round(past.cloudMs),
    energyMj: Math.round(past.energyMj * 1000) / 1000,
    money: past.money,
    said: past.said?.verdict ?? '',
    filed: past.filed?.verdict ?? '',
    was: wasOf(past),
    by: (past.said ?? past.filed)?.by ?? '',
  };
}

function stageRow(role: string, judged: Judged | null): PastRow {
  return {
    [`${role}.score`]: judged?.score ?? '',
    [`${role}.confidence`]: judged?.confidence ?? '',
    [`${role}.reject`]: judged?.thresholds?.reject ?? '',
    [`${role}.accept`]: judged?.thresholds?.accept ?? '',
  };
}

const COMPARISONS = {
  '<=': (a, b) => a <= b,
  '>=': (a, b) => a >= b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
  '=': (a, b) => a === b,
} as const satisfies Readonly<Record<string, (a: number | string, b: number | string) => boolean>>;

/** One condition on a row, like `heavy.confidence<0.5` or `said=wrong`. */
export interface Condition {
  readonly field: string;
  readonly comparison: keyof typeof COMPARISONS;
  readonly value: string;
}

/** Reads a condition; null for what is none. */
export function conditionOf(text: string): Condition | null {
  const [, field, comparison, value] = /^\s*([\w.]+)\s*(<=|>=|!=|<|>|=)\s*(.*?)\s*$/.exec(text) ?? [];
  if (field === undefined || comparison === undefined || value === undefined) return null;
  return { field, comparison: comparison as Condition['comparison'], value };
}

/** Whether a row meets a condition. A number is compared as a number; what there is none of only with `=` and `!=`. */
export function meets(row: PastRow, { field, comparison, value }: Condition): boolean {
  const found = row[field] ?? '';
  const compare: (a: number | string, b: number | string) => boolean = COMPARISONS[comparison];
  if (typeof found === 'number') return value !== '' && compare(found, Number(value));
  const isOrdered = comparison !== '=' && comparison !== '!=';
  return isOrdered && found === '' ? false : compare(found, value);
}

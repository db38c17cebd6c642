import type { EnergyBasis, TrailEntry } from '../../../core/events/events.js';
import { describeJudge } from '../../../core/events/steps.js';
import type { StageDescription } from '../../../core/metering/telemetry.js';
import type { DetectionView } from './detection.js';

/** One bar of a detection's waterfall, in milliseconds from when tiny noticed it. */
export interface WaterfallRow {
  readonly name: string;
  readonly startMs: number;
  /** Null while it is still going on. */
  readonly durationMs: number | null;
  readonly kind: TrailEntry['kind'] | 'speech' | 'cloud';
  readonly confidence: number | null;
  readonly thresholds: { readonly accept: number; readonly reject: number } | null;
  readonly energyMj: number | null;
  readonly basis: EnergyBasis | null;
  /** An abstention's code, how an utterance ended, or what a judge held of a decision. */
  readonly note: string;
  /** The time was up before all was asked that could have changed the verdict. */
  readonly isCutShort?: boolean;
}

export interface Waterfall {
  readonly rows: readonly WaterfallRow[];
  readonly spanMs: number;
}

/** Least time left for a bar that is still going on, in milliseconds, and its least share of the picture. */
const PENDING_MS = 50;
const PENDING_SPAN = 1.35;

/**
 * Lays a detection out in time. A stage starts when its last sample was there (sample clock) or when the
 * stage before it was done, whichever is later; the cloud starts when the device was done.
 */
export function waterfall(view: DetectionView, stages: readonly StageDescription[]): Waterfall {
  const samplesPerMs = view.atMs > 0 ? view.sample / view.atMs : null;
  const originSample = view.trail[0]?.sample ?? view.sample;
  const sampleMs = (sample: number): number =>
    samplesPerMs === null || samplesPerMs === 0 ? 0 : Math.max(0, (sample - originSample) / samplesPerMs);

  const rows: WaterfallRow[] = [];
  let doneMs = 0;
  const add = (row: WaterfallRow): void => {
    rows.push(row);
    doneMs = Math.max(doneMs, row.startMs + (row.durationMs ?? 0));
  };
  const { utterance } = view;
  const speech = utterance === null ? null : speechRow(utterance, sampleMs);
  let speechShown = false;
  for (const entry of view.trail) {
    const row = stageRow(entry, Math.max(sampleMs(entry.sample), doneMs), stages);
    if (speech !== null && !speechShown && utterance !== null && entry.sample >= utterance.endSample - 1) {
      add(speech);
      speechShown = true;
      add({ ...row, startMs: Math.max(sampleMs(entry.sample), doneMs) });
    } else add(row);
  }
  if (speech !== null && !speechShown) add(speech);
  const next = nextStage(view);
  if (next !== null) add(pendingRow(next, doneMs));
  if (view.escalated !== null) add(cloudRow(view, doneMs));
  const pending = rows.some((row) => row.durationMs === null);
  return {
    rows,
    spanMs: Math.max(1, pending ? Math.max(doneMs + PENDING_MS, doneMs * PENDING_SPAN) : doneMs),
  };
}

function stageRow(entry: TrailEntry, startMs: number, stages: readonly StageDescription[]): WaterfallRow {
  const description = stages.find((stage) => stage.stage === entry.stage);
  return {
    name: description?.role ?? entry.stage,
    startMs,
    durationMs: entry.measured?.latencyMs ?? 0,
    kind: entry.kind,
    confidence: entry.kind === 'abstain' ? null : entry.confidence,
    thresholds: description?.thresholds ?? null,
    energyMj: entry.measured?.energyMj ?? null,
    basis: entry.measured?.basis ?? null,
    note: entry.kind === 'abstain' ? entry.code : describeJudge(entry),
    isCutShort: entry.kind !== 'abstain' && entry.cutShort === true,
  };
}

function speechRow(
  { startSample, endSample, outcome }: NonNullable<DetectionView['utterance']>,
  sampleMs: (sample: number) => number,
): WaterfallRow {
  const startMs = sampleMs(startSample);
  return {
    name: 'speech',
    startMs,
    durationMs: sampleMs(endSample) - startMs,
    kind: 'speech',
    confidence: null,
    thresholds: null,
    energyMj: null,
    basis: null,
    note: ENDS[outcome],
  };
}

/** How what was said came to its end. */
const ENDS: Readonly<Record<NonNullable<DetectionView['utterance']>['outcome'], string>> = {
  endpoint: 'until it was quiet',
  timeout: 'as long as may be',
  gap: 'the signal broke off',
  'end-of-source': 'the recording ended',
};

/** What a detection waits for, besides the cloud. */
function nextStage({ outcome, trail, utterance }: DetectionView): string | null {
  if (outcome === 'noticed') return trail.length < 2 ? 'heavy' : null;
  return outcome === 'listening' && utterance !== null ? 'recogniser' : null;
}

function pendingRow(name: string, startMs: number): WaterfallRow {
  return {
    name,
    startMs,
    durationMs: null,
    kind: 'uncertain',
    confidence: null,
    thresholds: null,
    energyMj: null,
    basis: null,
    note: 'waiting',
  };
}

function cloudRow({ verdict, undelivered }: DetectionView, startMs: number): WaterfallRow {
  return {
    name: 'cloud',
    startMs,
    durationMs: verdict === null ? (undelivered === null ? null : 0) : verdict.cost.latencyMs,
    kind: 'cloud',
    confidence: null,
    thresholds: null,
    energyMj: null,
    basis: null,
    note: verdict?.provider ?? undelivered?.outcome ?? 'waiting',
  };
}

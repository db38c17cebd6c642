import type { StageThresholds } from '../../core/thresholds.js';
import type { Muted } from '../../dashboard/commands.js';
import { healthOf, isDeaf } from '../../dashboard/health.js';
import type { EventBus } from '../../events/bus.js';
import type { HomeFacts, HomeSource } from './topics.js';

/** What is counted of the events of a source, as they come. */
export interface SourceTally {
  /** Of the newest detection that was believed: from its last sample to its being told; null before the first. */
  latencyMs: number | null;
  /** Detections that somebody called wrong. */
  calledWrong: number;
  /** Estimate of how many of today's were for nothing. */
  falseAlarms: number;
  /** Whether a fault is under way; null where one is of which nothing may be told. */
  fault: boolean | null;
}

/** How the device is, as its entities read it. */
export function deviceState(
  { sources }: HomeFacts,
  bus: Pick<EventBus, 'health' | 'sources'>,
  counts: { readonly cost: number; readonly dropped: number; readonly isOffline: boolean },
): string {
  const health = bus.health();
  const { status } = healthOf(
    health,
    sources.map(({ id }) => id),
  );
  const unwell = [...health].filter(([, { state }]) => state !== 'ok');
  let energyMj = 0;
  for (const { counters } of bus.sources().values()) energyMj += counters?.totals.energyMj ?? 0;
  return JSON.stringify({
    health: status,
    unwell: Object.fromEntries(unwell.map(([component, { detail }]) => [component, detail])),
    energy: rounded(energyMj / 1000, 1),
    cost: rounded(counts.cost, 6),
    dropped: counts.dropped,
    offline: onOff(counts.isOffline),
  });
}

/** How a source is, as its entities read it. */
export function sourceState(
  { id, kind }: HomeSource,
  bus: Pick<EventBus, 'health' | 'sources'>,
  muted: readonly Muted[],
  tally: SourceTally,
  { tiny, heavy }: StageThresholds,
): string {
  const isMuted = muted.some(({ source }) => source === id);
  const levelDb = bus.sources().get(id)?.levels.levelDb ?? null;
  return JSON.stringify({
    hearing: onOff(!isMuted && !isDeaf(bus.health(), id)),
    mute: onOff(isMuted),
    // A reading a decibel apart is news; the noise of a quiet room is none.
    level: levelDb === null || !Number.isFinite(levelDb) ? null : Math.round(levelDb),
    latency: tally.latencyMs === null ? null : Math.round(tally.latencyMs),
    false_alarms: tally.calledWrong,
    false_alarms_today: rounded(tally.falseAlarms, 2),
    ...(tiny === null ? {} : { tiny_accept: tiny.accept, tiny_reject: tiny.reject }),
    ...(heavy === null ? {} : { heavy_accept: heavy.accept, heavy_reject: heavy.reject }),
    ...(kind === 'sensor' ? { fault: tally.fault === null ? null : onOff(tally.fault) } : {}),
  });
}

function onOff(isOn: boolean): 'ON' | 'OFF' {
  return isOn ? 'ON' : 'OFF';
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

import { type CascadeEvent, EVENT_VERSION } from '../core/events.js';
import type { EventBus, SourceView } from '../events/bus.js';
import type { LevelColumns, ServerMessage, SourceSnapshot } from './protocol.js';
import { PROTOCOL_VERSION } from './wire.js';

/** History sent to a late joiner stays below this, so that the greeting alone never makes it a slow visitor. */
const HISTORY_MAX_BYTES = 384 * 1024;

/** The first message to a visitor: everything it needs to draw the page as if it had been there before. */
export function greet(bus: EventBus, run: string, version: string, wallTime: string): ServerMessage {
  const all = bus.history();
  const history = newestWithin(all, HISTORY_MAX_BYTES);
  return {
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    eventVersion: EVENT_VERSION,
    run,
    version,
    wallTime,
    history,
    evicted: bus.evicted() + all.length - history.length,
    sources: [...bus.sources()].map(([source, view]) => snapshotOf(source, view)),
    counts: bus.counts(),
    health: [...bus.health().values()],
  };
}

function newestWithin(events: readonly CascadeEvent[], maxBytes: number): readonly CascadeEvent[] {
  let bytes = 0;
  let first = events.length;
  while (first > 0) {
    const event = events[first - 1];
    bytes += JSON.stringify(event).length;
    if (bytes > maxBytes) break;
    first -= 1;
  }
  return events.slice(first);
}

function snapshotOf(source: string, view: SourceView): SourceSnapshot {
  const { levels } = view;
  const columns: LevelColumns = {
    atMs: levels.map((level) => level.atMs),
    levelDb: levels.map((level) => rounded(level.levelDb, 10)),
    floorDb: levels.map((level) => rounded(level.floorDb, 10)),
    gateOpen: levels.map((level) => (level.gateOpen ? 1 : 0)),
    confidence: levels.map((level) => (level.confidence === null ? null : rounded(level.confidence, 1000))),
    values: levels.map((level) => level.values.map((value) => rounded(value, 1e4))),
  };
  return {
    source,
    description: view.description,
    counters: view.counters,
    state: levels.at(-1)?.state ?? null,
    levels: columns,
  };
}

function rounded(value: number, perUnit: number): number | null {
  return Number.isFinite(value) ? Math.round(value * perUnit) / perUnit : null;
}

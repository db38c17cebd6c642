import type { CascadeEvent } from '../core/events/events.js';
import { EVENT_VERSION } from '../core/events/version.js';
import type { EventBus, SourceView } from '../events/bus.js';
import type { LevelTrace } from '../events/level-history.js';
import type { LevelColumns, ServerMessage, SourceSnapshot } from './protocol.js';
import { PROTOCOL_VERSION } from './wire.js';

/** History sent to a late joiner stays below this, so that the greeting alone never makes it a slow visitor. */
const HISTORY_MAX_BYTES = 384 * 1024;

/** What a greeting says beside what the bus remembers. */
export type GreetingFacts = Pick<
  Extract<ServerMessage, { type: 'hello' }>,
  'run' | 'version' | 'wallTime' | 'hasCloud' | 'muted' | 'budget' | 'house'
>;

/** The first message to a visitor: everything it needs to draw the page as if it had been there before. */
export function greet(bus: EventBus, facts: GreetingFacts): ServerMessage {
  const all = bus.history();
  const history = newestWithin(all, HISTORY_MAX_BYTES);
  return {
    type: 'hello',
    protocol: PROTOCOL_VERSION,
    eventVersion: EVENT_VERSION,
    ...facts,
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
  const { description, counters, levels } = view;
  return { source, description, counters, state: levels.state, levels: columnsOf(levels.trace()) };
}

function columnsOf(trace: LevelTrace): LevelColumns {
  return {
    atMs: trace.atMs,
    levelDb: trace.levelDb.map((level) => rounded(level, 10)),
    floorDb: trace.floorDb.map((floor) => rounded(floor, 10)),
    gateOpen: trace.gateOpen.map((open) => (open ? 1 : 0)),
    confidence: trace.confidence.map((confidence) =>
      confidence === null ? null : rounded(confidence, 1000),
    ),
    values: trace.values.map((row) => row.map((value) => rounded(value, 1e4))),
  };
}

function rounded(value: number, perUnit: number): number | null {
  return Number.isFinite(value) ? Math.round(value * perUnit) / perUnit : null;
}

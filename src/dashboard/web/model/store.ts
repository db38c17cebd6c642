import { batch, computed, signal } from '@preact/signals';
import type { CascadeEvent, EventOf } from '../../../core/events/events.js';
import type { Telemetry } from '../../../core/metering/telemetry.js';
import type { EventCounts } from '../../../events/tally.js';
import type { BudgetUse } from '../../../uplink/accounts/budget.js';
import type { Muted } from '../../commands.js';
import type { HouseFacts, ServerMessage, SourceSnapshot } from '../../protocol.js';
import { answered } from './commands.js';
import { type Feed, feedWith } from './feed.js';
import { addLevel, createWindow, fillWindow, type LevelWindow } from './levels.js';
import { spokenLine } from './spoken.js';

/** What is shown of one source, besides its chart. */
export interface SourceView {
  readonly source: string;
  readonly description: Extract<Telemetry, { type: 'source' }> | null;
  readonly counters: Extract<Telemetry, { type: 'counters' }> | null;
  readonly state: string | null;
  /** Signal that it still learns from before it finds anything, in whole steps; 0 once it can. */
  readonly learningMs: number;
}

export type Connection = 'connecting' | 'live' | 'lost';

export const connection = signal<Connection>('connecting');
export const version = signal('');
/** Which run of Catnap the page is connected to. */
export const run = signal('');
/** What there is to know of the house. */
export const house = signal<HouseFacts>({
  device: '',
  words: {},
  ownWords: {},
  takes: { fewest: 0, most: 0 },
  sentences: [],
});
/** Whether there is a cloud to ask. */
export const hasCloud = signal(true);
/** Sources that are not listened to, by name. */
export const muted = signal<ReadonlyMap<string, Muted>>(new Map());
/** Hard limits, and what of them is used. */
export const budget = signal<readonly BudgetUse[]>([]);
export const feed = signal<Feed>([]);
export const evicted = signal(0);
export const counts = signal<EventCounts>({});
export const health = signal<ReadonlyMap<string, EventOf<'health'>>>(new Map());
export const sources = signal<ReadonlyMap<string, SourceView>>(new Map());

/** Detections of this run, the newest of each source first: charts mark them, for they go by its sample clock. */
export const detections = computed(() =>
  feed.value.flatMap((entry) =>
    entry.kind === 'detection' && entry.detection.run === run.value ? [entry.detection] : [],
  ),
);

/** Worst state of any component; what is down because somebody asked for it is not unwell. */
export const overallHealth = computed(() => {
  const unasked = [...health.value.values()].filter(({ code }) => code !== 'OK');
  const states = unasked.map((event) => event.state);
  if (states.includes('down')) return 'down';
  return states.includes('degraded') ? 'degraded' : 'ok';
});

/** What tells, as a component that is down, that somebody said that no cloud is to be asked. */
export const OFFLINE_COMPONENT = 'uplink/offline';

export const isOffline = computed(() => health.value.get(OFFLINE_COMPONENT)?.state === 'down');

/** Whether nothing can be heard of a source, though nobody muted it. */
export function isDeaf(source: string): boolean {
  return [source, `${source}/source`, `${source}/worker`, `${source}/tiny`].some((component) => {
    const event = health.value.get(component);
    return event?.state === 'down' && event.code !== 'OK';
  });
}

/** The newest event in a line, for who hears the page. */
export const spoken = signal('');

const windows = new Map<string, LevelWindow>();
const listeners = new Set<(source: string) => void>();

/** The chart data of a source; changes are announced by {@link onLevel}, not by a signal: ten a second are too many. */
export function windowOf(source: string): LevelWindow {
  let window = windows.get(source);
  if (window === undefined) {
    window = createWindow();
    windows.set(source, window);
  }
  return window;
}

/** Calls `listener` with a source whose window has changed. */
export function onLevel(listener: (source: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Takes one message of the server. */
export function receive(message: ServerMessage): void {
  batch(() => {
    switch (message.type) {
      case 'hello':
        greet(message);
        return;
      case 'event':
        addEvent(message.event);
        return;
      case 'telemetry':
        addTelemetry(message.reading);
        return;
      case 'muted':
        muted.value = bySource(message.muted);
        return;
      case 'house':
        house.value = message.house;
        return;
      case 'budget':
        budget.value = message.budget;
        return;
      case 'done':
      case 'refused':
        answered(message);
        return;
    }
  });
}

function greet(hello: Extract<ServerMessage, { type: 'hello' }>): void {
  connection.value = 'live';
  version.value = hello.version;
  run.value = hello.run;
  house.value = hello.house;
  hasCloud.value = hello.hasCloud;
  muted.value = bySource(hello.muted);
  budget.value = hello.budget;
  evicted.value = hello.evicted;
  counts.value = hello.counts;
  health.value = new Map(hello.health.map((event) => [event.component, event]));
  feed.value = hello.history.reduce<Feed>(feedWith, []);
  windows.clear();
  sources.value = new Map(hello.sources.map((source) => [source.source, viewOf(source)]));
  for (const { source } of hello.sources) announce(source);
}

function bySource(all: readonly Muted[]): ReadonlyMap<string, Muted> {
  return new Map(all.map((each) => [each.source, each]));
}

function viewOf({ source, description, counters, state, levels }: SourceSnapshot): SourceView {
  fillWindow(windowOf(source), levels, Date.now());
  return { source, description, counters, state, learningMs: 0 };
}

function addEvent(event: CascadeEvent): void {
  feed.value = feedWith(feed.value, event);
  const source = 'source' in event ? event.source : '';
  const ofSource = counts.value[source] ?? {};
  counts.value = {
    ...counts.value,
    [source]: { ...ofSource, [event.type]: (ofSource[event.type] ?? 0) + 1 },
  };
  spoken.value = spokenLine(event) ?? spoken.value;
  if (event.type === 'health') health.value = new Map(health.value).set(event.component, event);
}

function addTelemetry(reading: Telemetry): void {
  const { source } = reading;
  const before = sources.value.get(source) ?? unknownSource(source);
  switch (reading.type) {
    case 'source':
      setSource({ ...before, description: reading });
      return;
    case 'counters':
      setSource({ ...before, counters: reading });
      return;
    case 'level':
      addLevel(windowOf(source), reading, Date.now());
      takeState(before, reading);
      announce(source);
      return;
  }
}

/** What is left to learn is shown in steps, so that the page is not drawn anew with every reading. */
const LEARNING_STEP_MS = 10_000;

function unknownSource(source: string): SourceView {
  return { source, description: null, counters: null, state: null, learningMs: 0 };
}

function takeState(before: SourceView, { state, learningMs }: Extract<Telemetry, { type: 'level' }>): void {
  const leftMs = Math.ceil(learningMs / LEARNING_STEP_MS) * LEARNING_STEP_MS;
  if (before.state === state && before.learningMs === leftMs && sources.value.has(before.source)) return;
  setSource({ ...before, state, learningMs: leftMs });
}

function setSource(view: SourceView): void {
  sources.value = new Map(sources.value).set(view.source, view);
}

function announce(source: string): void {
  for (const listener of listeners) listener(source);
}

import type { CascadeEvent, EventOf, Sink } from '../core/events/events.js';
import type { Telemetry } from '../core/metering/telemetry.js';
import { createHistogram } from '../meter/histogram.js';
import { LevelHistory } from './level-history.js';
import { PackedEvents } from './packed-events.js';
import { type EventCounts, type EventLatency, EventTally } from './tally.js';

export interface EventBusOptions {
  /** Events kept for late joiners; the oldest go first. */
  readonly historyEvents: number;
  /** Events of earlier runs, oldest first, with which the history begins; nobody is told of them. */
  readonly earlier?: readonly CascadeEvent[];
  /** Level readings kept for each source, so that a chart does not start empty. */
  readonly historyLevels?: number;
  /** Told once for each publish a sink or listener failed; the bus goes on. */
  readonly onError?: (where: string, error: unknown) => void;
  /** Told when the first telemetry listener comes and when the last one goes. */
  readonly onWatched?: (watched: boolean) => void;
}

/** What a source was last seen as: its description, newest counters, and recent levels. */
export interface SourceView {
  readonly description: Extract<Telemetry, { type: 'source' }> | null;
  readonly counters: Extract<Telemetry, { type: 'counters' }> | null;
  readonly levels: Pick<LevelHistory, 'trace' | 'state' | 'levelDb'>;
}

/**
 * Carries events from the cascades to whoever wants them. Delivery is synchronous and in order; a listener or
 * sink that throws is reported to `onError` and costs the others nothing.
 */
export interface EventBus {
  publish(event: CascadeEvent): void;
  /** As {@link publish}, of an event that is kept elsewhere: listeners are told, sinks are not. */
  tell(event: CascadeEvent): void;
  telemetry(reading: Telemetry): void;
  /** Adds a sink; the bus closes it in {@link close}. */
  attach(name: string, sink: Sink): void;
  /** Calls `listener` with every event from now on; returns what ends that. */
  subscribe(listener: (event: CascadeEvent) => void): () => void;
  subscribeTelemetry(listener: (reading: Telemetry) => void): () => void;
  /** Copies of the newest events, oldest first. */
  history(): readonly CascadeEvent[];
  /** Events no longer in {@link history}. */
  evicted(): number;
  sources(): ReadonlyMap<string, SourceView>;
  counts(): EventCounts;
  /** How late events were that a source in real time led to. */
  latencies(): Iterable<EventLatency>;
  /** Money that verdicts cost, by provider. */
  money(): ReadonlyMap<string, number>;
  /** The newest health event of each component. */
  health(): ReadonlyMap<string, EventOf<'health'>>;
  /** Closes every sink; later events are dropped. */
  close(): Promise<void>;
}

const LEVELS_DEFAULT = 600;
const SOURCES_MAX = 64;
const COMPONENTS_MAX = 256;

interface MutableView {
  description: SourceView['description'];
  counters: SourceView['counters'];
  readonly levels: LevelHistory;
}

/** Makes an {@link EventBus}. */
export function createEventBus(options: EventBusOptions): EventBus {
  return new Bus(options);
}

class Bus implements EventBus {
  readonly #history: PackedEvents;
  readonly #historyLevels: number;
  readonly #onError: (where: string, error: unknown) => void;
  readonly #onWatched: (watched: boolean) => void;
  readonly #listeners = new Set<(event: CascadeEvent) => void>();
  readonly #telemetryListeners = new Set<(reading: Telemetry) => void>();
  readonly #sinks = new Map<string, Sink>();
  readonly #sources = new Map<string, MutableView>();
  readonly #health = new Map<string, EventOf<'health'>>();
  readonly #tally = new EventTally(createHistogram);
  #evicted = 0;
  #closed = false;

  constructor(options: EventBusOptions) {
    this.#history = new PackedEvents(options.historyEvents);
    for (const event of options.earlier ?? []) this.#history.push(event);
    this.#historyLevels = options.historyLevels ?? LEVELS_DEFAULT;
    this.#onError = options.onError ?? (() => {});
    this.#onWatched = options.onWatched ?? (() => {});
  }

  publish(event: CascadeEvent): void {
    if (this.#closed) return;
    this.#remember(event);
    for (const [name, sink] of this.#sinks) {
      this.#guard(name, () => sink.publish(event));
    }
    this.#tellListeners(event);
  }

  tell(event: CascadeEvent): void {
    if (this.#closed) return;
    this.#remember(event);
    this.#tellListeners(event);
  }

  telemetry(reading: Telemetry): void {
    if (this.#closed) return;
    this.#see(reading);
    for (const listener of this.#telemetryListeners) this.#guard('listener', () => listener(reading));
  }

  attach(name: string, sink: Sink): void {
    this.#sinks.set(name, sink);
  }

  subscribe(listener: (event: CascadeEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  subscribeTelemetry(listener: (reading: Telemetry) => void): () => void {
    this.#telemetryListeners.add(listener);
    if (this.#telemetryListeners.size === 1) this.#onWatched(true);
    return () => {
      if (this.#telemetryListeners.delete(listener) && this.#telemetryListeners.size === 0)
        this.#onWatched(false);
    };
  }

  history(): readonly CascadeEvent[] {
    return Array.from(this.#history.texts(), (text) => JSON.parse(text) as CascadeEvent);
  }

  evicted(): number {
    return this.#evicted;
  }

  sources(): ReadonlyMap<string, SourceView> {
    return this.#sources;
  }

  counts(): EventCounts {
    return this.#tally.counts;
  }

  latencies(): Iterable<EventLatency> {
    return this.#tally.latencies();
  }

  money(): ReadonlyMap<string, number> {
    return this.#tally.money;
  }

  health(): ReadonlyMap<string, EventOf<'health'>> {
    return this.#health;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    this.#telemetryListeners.clear();
    const sinks = [...this.#sinks];
    this.#sinks.clear();
    const results = await Promise.allSettled(sinks.map(([, sink]) => sink.close()));
    results.forEach((result, index) => {
      if (result.status === 'rejected') this.#onError(sinks[index]?.[0] ?? 'sink', result.reason);
    });
  }

  #tellListeners(event: CascadeEvent): void {
    for (const listener of this.#listeners) this.#guard('listener', () => listener(event));
  }

  #remember(event: CascadeEvent): void {
    if (!this.#history.push(event)) this.#evicted += 1;
    if (
      event.type === 'health' &&
      (this.#health.has(event.component) || this.#health.size < COMPONENTS_MAX)
    ) {
      this.#health.set(event.component, event);
    }
    this.#tally.add(event);
  }

  #see(reading: Telemetry): void {
    let view = this.#sources.get(reading.source);
    if (view === undefined) {
      if (this.#sources.size >= SOURCES_MAX) return;
      view = { description: null, counters: null, levels: new LevelHistory(this.#historyLevels) };
      this.#sources.set(reading.source, view);
    }
    switch (reading.type) {
      case 'source':
        view.description = reading;
        return;
      case 'counters':
        view.counters = reading;
        return;
      case 'level':
        view.levels.push(reading);
        return;
    }
  }

  #guard(where: string, deliver: () => void): void {
    try {
      deliver();
    } catch (error) {
      this.#onError(where, error);
    }
  }
}

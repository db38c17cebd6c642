import type { CascadeEvent } from '../core/events/events.js';
import type { LatencyHistogram } from '../core/metering/meter.js';

/** How often each event type was published for each source ('' for events of no source). */
export type EventCounts = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** Events of one type of one source: from the last sample that each rests on to its publication. */
export interface EventLatency {
  readonly source: string;
  readonly type: CascadeEvent['type'];
  readonly latency: Pick<LatencyHistogram, 'percentileMs'>;
}

/** Histograms that are kept: of ten types of the sources that a bus knows. */
const LATENCIES_MAX = 640;

/** What all events of a run come to, by source, type and provider. */
export class EventTally {
  /** Money that verdicts cost, by provider, in the currency of their prices. */
  readonly money = new Map<string, number>();
  readonly counts: Record<string, Record<string, number>> = {};
  readonly #latencies = new Map<string, EventLatency & { readonly latency: LatencyHistogram }>();

  constructor(private readonly createHistogram: () => LatencyHistogram) {}

  add(event: CascadeEvent): void {
    const source = 'source' in event ? event.source : '';
    this.counts[source] ??= {};
    const ofSource = this.counts[source];
    ofSource[event.type] = (ofSource[event.type] ?? 0) + 1;
    const latencyMs = event.measured?.latencyMs ?? null;
    if (latencyMs !== null) this.#latency(source, event.type)?.recordMs(latencyMs);
    if (event.type !== 'verdict') return;
    this.money.set(event.provider, (this.money.get(event.provider) ?? 0) + event.cost.money);
  }

  latencies(): Iterable<EventLatency> {
    return this.#latencies.values();
  }

  #latency(source: string, type: CascadeEvent['type']): LatencyHistogram | null {
    const key = `${type} ${source}`;
    const known = this.#latencies.get(key);
    if (known !== undefined) return known.latency;
    if (this.#latencies.size >= LATENCIES_MAX) return null;
    const latency = this.createHistogram();
    this.#latencies.set(key, { source, type, latency });
    return latency;
  }
}

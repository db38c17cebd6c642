import { type CascadeEvent, detectionIn, sourceOf } from '../core/events/events.js';

/** What the journal can be asked for. A question may name one value of each. */
const FACETS = ['type', 'source', 'label', 'outcome', 'reason', 'stage', 'detection'] as const;

export type Facet = (typeof FACETS)[number];

/** Values that an event must have, all of them. */
export type Facets = Readonly<Partial<Record<Facet, string>>>;

/** The values that an event has of each facet. */
export function facetsOf(event: CascadeEvent): Readonly<Record<Facet, readonly string[]>> {
  const detection = detectionIn(event);
  return {
    type: [event.type],
    source: [sourceOfEvent(event)],
    label: [labelOfEvent(event)],
    outcome: [event.type, outcomeOfEvent(event)],
    reason: 'reasons' in event ? event.reasons : [],
    stage: 'trail' in event ? event.trail.map(({ stage }) => stage) : [],
    detection:
      detection === null
        ? []
        : [detection, ...(event.measured ? [`${event.measured.run}/${detection}`] : [])],
  };
}

/** Whether an event is what was asked for. */
export function hasFacets(event: CascadeEvent, wanted: Facets): boolean {
  const found = facetsOf(event);
  return FACETS.every((facet) => {
    const value = wanted[facet];
    return value === undefined || found[facet].includes(value);
  });
}

/** The source an event is of; '' for none. Those of the uplink name none, but their detection begins with it. */
export function sourceOfEvent(event: CascadeEvent): string {
  if ('source' in event) return event.source;
  return 'detection' in event ? sourceOf(event.detection) : '';
}

/** What it was taken for; '' where the event does not say. */
export function labelOfEvent(event: CascadeEvent): string {
  return 'label' in event ? event.label : '';
}

/** How it came out, in one word; '' where there is none. */
export function outcomeOfEvent(event: CascadeEvent): string {
  if ('outcome' in event) return event.outcome;
  if (event.type === 'health') return event.state;
  if (event.type === 'label') return event.verdict;
  if (event.type === 'shadow') return event.believed ? 'believed' : 'refused';
  return 'degraded' in event && event.degraded ? 'degraded' : '';
}

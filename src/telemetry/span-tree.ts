import type { CascadeEvent, EventOf } from '../core/events/events.js';

/** One span of a trace, by the wall clock. */
export interface SpanNode {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  /** Why it failed; null for what did not. */
  readonly error: string | null;
  readonly children: readonly SpanNode[];
}

/** What tells of a detection. */
export type DetectionEvent = Extract<CascadeEvent, { readonly detection: string; readonly type: string }>;

type Trail = EventOf<'verified'>['trail'];

/**
 * What became of a detection, from its first sample to its verdict, as one tree: each stage that was asked, the
 * utterance, the way to the cloud and back, what was done. Of what was said it tells nothing.
 * @param events of one detection, in their order; at least one is measured.
 */
export function spanTree(events: readonly DetectionEvent[]): SpanNode | null {
  const told = events.flatMap((event) => {
    const wallMs = Date.parse(event.measured?.wallTime ?? '');
    return Number.isNaN(wallMs) ? [] : [{ event, wallMs }];
  });
  const first = told[0];
  const last = told.at(-1);
  if (first === undefined || last === undefined) return null;
  const children = told.flatMap(({ event, wallMs }, i) => spansOf(event, wallMs, told.slice(0, i)));
  const startMs = Math.min(first.wallMs, ...told.map(({ event, wallMs }) => beginOf(event, wallMs)));
  const { source = '', label = '' } = aboutOf(events);
  const outcome = last.event.type;
  return {
    name: 'detection',
    startMs,
    endMs: Math.max(last.wallMs, ...children.map(({ endMs }) => endMs)),
    attributes: { source, label, outcome, detection: first.event.detection },
    error: outcome === 'undelivered' ? codeOf(last.event) : null,
    children: children.map((child) => ({ ...child, startMs: Math.max(startMs, child.startMs) })),
  };
}

function codeOf(event: DetectionEvent): string {
  return event.type === 'undelivered' ? event.code : '';
}

/** Source and label, by the first that says so. */
function aboutOf(events: readonly DetectionEvent[]): { readonly source?: string; readonly label?: string } {
  for (const event of events) if ('source' in event && 'sample' in event) return event;
  return {};
}

/** When the first sample came that an event tells of. */
function beginOf(event: DetectionEvent, wallMs: number): number {
  if (!('sample' in event) || event.sample <= 0) return wallMs;
  const heardMs = wallMs - (event.measured?.latencyMs ?? 0);
  const start = 'startSample' in event ? event.startSample : event.sample;
  return heardMs - ((event.sample - start) * event.atMs) / event.sample;
}

function spansOf(
  event: DetectionEvent,
  wallMs: number,
  before: readonly { readonly event: DetectionEvent; readonly wallMs: number }[],
): readonly SpanNode[] {
  const span = (
    name: string,
    startMs: number,
    attributes: SpanNode['attributes'],
    error: string | null = null,
  ) => [{ name, startMs, endMs: wallMs, attributes, error, children: [] }];
  switch (event.type) {
    case 'noticed':
    case 'refused':
    case 'verified':
    case 'settled':
    case 'escalated':
      return stagesOf(event.trail, trailBefore(before), wallMs);
    case 'utterance':
      return span('utterance', beginOf(event, wallMs), { outcome: event.outcome });
    case 'verdict': {
      const { provider, label, cost } = event;
      const { bytesUp, bytesDown, tokens, money } = cost;
      const asked = before.findLast(({ event: { type } }) => type === 'escalated');
      return span('cloud', asked?.wallMs ?? wallMs - cost.latencyMs, {
        provider,
        label,
        bytesUp,
        bytesDown,
        tokens,
        money,
      });
    }
    case 'undelivered': {
      const asked = before.findLast(({ event: { type } }) => type === 'escalated');
      return span('cloud', asked?.wallMs ?? wallMs, { outcome: event.outcome }, event.code);
    }
    case 'action':
      return span(
        'action',
        wallMs,
        { action: event.action, outcome: event.outcome },
        event.outcome === 'failed' ? event.detail : null,
      );
    default:
      return [];
  }
}

function trailBefore(before: readonly { readonly event: DetectionEvent }[]): number {
  const events = before.map(({ event }) => event);
  return Math.max(0, ...events.map((event) => ('trail' in event ? event.trail.length : 0)));
}

/** The stages of a trail that are new; one that answered before another ended before it was asked. */
function stagesOf(trail: Trail, known: number, wallMs: number): readonly SpanNode[] {
  let endMs = wallMs;
  const spans: SpanNode[] = [];
  for (const entry of trail.slice(known).toReversed()) {
    const { latencyMs = 0, cpuMs = 0, energyMj = 0 } = entry.measured ?? {};
    const startMs = endMs - latencyMs;
    const cost = { cpuMs, energyMj };
    const judged =
      entry.kind === 'abstain'
        ? {}
        : { label: entry.label, score: entry.score, confidence: entry.confidence };
    const error = entry.kind === 'abstain' ? entry.code : null;
    const attributes = { decision: entry.kind, ...judged, ...cost };
    spans.unshift({ name: `stage ${entry.stage}`, startMs, endMs, attributes, error, children: [] });
    endMs = startMs;
  }
  return spans;
}
